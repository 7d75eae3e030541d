import { expect } from 'vitest';
import { parse } from 'yaml';
import { blockOf } from '../support/blocks.js';
import type { PageUses } from './page-uses.js';

interface Probe {
  httpGet: { path: string; port: number };
  timeoutSeconds?: number;
}

export const health: PageUses = {
  'Guide: health checks': async ({ AppModule }, stage) => {
    const app = await stage.boot(AppModule);
    const { code } = blockOf('docs/guides/health.md', 'Liveness and readiness');
    const probes = parse(code) as Record<'livenessProbe' | 'readinessProbe', Probe>;
    expect(Object.keys(probes)).toEqual(['livenessProbe', 'readinessProbe']);
    const ask = async ({ httpGet: { path } }: Probe) => (await fetch((await app.getUrl()) + path)).json();
    expect(await ask(probes.livenessProbe)).toMatchObject({ status: 'ok', details: {} });
    expect(await ask(probes.readinessProbe)).toMatchObject({ details: { redis: { status: 'up', voting: 3 } } });
    expect(probes.readinessProbe.timeoutSeconds! * 1000).toBeGreaterThan(500);
  },
};
