import { context, metrics, trace } from '@opentelemetry/api';
import type { MeterProvider } from '@opentelemetry/sdk-metrics';
import { LockService } from 'nestjs-majority-redis';
import { expect } from 'vitest';
import type { PageUses } from './page-uses.js';

export const telemetry: PageUses = {
  // its provider is what the next block's application is measured by
  'Set up, with Prometheus (2)': async (_, { world }) => {
    expect((await fetch(world.metrics)).status).toBe(200);
  },

  'Set up, with Prometheus (3)': async ({ AppModule }, stage) => {
    await stage.boot(AppModule);
    const scraped = await (await fetch(stage.world.metrics)).text();
    expect(scraped).toMatch(/^majority_redis_members\{.*majority_redis_state="voting".*\} 3$/m);
    expect(scraped).toMatch(/^majority_redis_queue_messages\{.*messaging_destination_name="invoices".*\} 0$/m);
  },

  'Set up, with Prometheus (4)': async (_, { world }) => {
    expect(await (await fetch(world.metrics)).text()).toMatch(/^majority_redis_lock_held_duration_count\{/m);
    await (metrics.getMeterProvider() as MeterProvider).shutdown();
    metrics.disable();
  },

  'Traces (2)': async ({ provider }, stage) => {
    const { MajorityRedisTelemetryModule } = await import('nestjs-majority-redis/telemetry');
    const app = await stage.bootWithGroup({ imports: [MajorityRedisTelemetryModule.forRoot()] });
    await app.get(LockService).using('traced', async () => expect(trace.getActiveSpan()).toBeUndefined());
    await provider.shutdown();
    trace.disable();
    context.disable();
    const sent = stage.world.requests.filter(({ path }) => path === '/v1/traces');
    expect(sent.map(({ body }) => body).join()).toContain('acquire lock');
  },
};
