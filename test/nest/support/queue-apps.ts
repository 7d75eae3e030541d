import type { LoggerService, ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { MajorityRedisModule } from 'nestjs-majority-redis';
import type { MajorityRedisModuleExtras, MajorityRedisModuleOptions } from 'nestjs-majority-redis';

/** Queues that come to a point fast. */
export const fastQueues = {
  backoff: { type: 'fixed', delay: 20 },
  pollInterval: 200,
} as const satisfies MajorityRedisModuleOptions['queue'];

/** Applications of one file over one group, closed together; what they log is kept. */
export class QueueApps {
  /** `warn [QueueConsumer] Mailer.send() failed …` */
  readonly lines: string[] = [];
  private readonly open: TestingModule[] = [];

  /** @throws what the application does not start for */
  async start(
    nodes: MajorityRedisModuleOptions['nodes'],
    metadata: ModuleMetadata,
    options: Partial<MajorityRedisModuleOptions & MajorityRedisModuleExtras> = {},
  ): Promise<TestingModule> {
    const group = MajorityRedisModule.forRoot({ nodes, queue: fastQueues, ...options });
    const module = await Test.createTestingModule({ ...metadata, imports: [group, ...(metadata.imports ?? [])] })
      .setLogger(this.logger)
      .compile();
    this.open.push(module);
    return module.init();
  }

  async close(): Promise<void> {
    await Promise.all(this.open.splice(0).map((app) => app.close().catch(() => undefined)));
    this.lines.splice(0);
  }

  private get logger(): LoggerService {
    const write =
      (level: string) =>
      (message: unknown, ...more: unknown[]): void =>
        void this.lines.push(`${level} [${String(more.at(-1))}] ${String(message)}`);
    return { log: write('log'), warn: write('warn'), error: write('error'), debug: write('debug') };
  }
}
