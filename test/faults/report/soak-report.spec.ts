import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { soakLength, strikesFor } from './soak-length.js';
import { keepReport, makeReport, type SoakCall } from './soak-report.js';

const fault = { at: 10_500, fault: 'kill', member: 'redis-1', detail: '' };
const log = { entries: [fault], recoveries: [40, 700, 5] };
const calls: SoakCall[] = [
  { at: 10_000, outcome: 'done' },
  { at: 10_900, outcome: 'refused' },
  { at: 12_100, outcome: 'done' },
  { at: 12_200, outcome: 'unknown' },
];

describe('the report of a soak', () => {
  it('counts calls for each second, from the first moment on', () => {
    const report = makeReport('kv', log, calls, []);
    expect(report.lasted).toBe(2200);
    expect(report.calls).toEqual({ done: 2, refused: 1, unknown: 1 });
    expect(report.perSecond).toEqual({ done: [1, 0, 1], failed: [1, 0, 1] });
    expect(report.faults).toEqual([{ ...fault, at: 500 }]);
  });

  it('tells availability, the longest gap and the slowest recovery', () => {
    const report = makeReport('kv', log, calls, ['lost']);
    expect(report).toMatchObject({ availability: 0.5, longestGap: 2100, slowestRecovery: 700, anomalies: ['lost'] });
  });

  it('takes the end into the gaps: a run that ends without success is no short one', () => {
    const late: SoakCall = { at: 20_000, outcome: 'refused' };
    expect(makeReport('kv', log, [...calls, late], []).longestGap).toBe(7900);
  });

  it('can be of nothing', () => {
    const report = makeReport('kv', { entries: [], recoveries: [] }, [], []);
    expect(report).toMatchObject({ lasted: 0, availability: 0, slowestRecovery: 0, perSecond: { done: [0] } });
  });

  it('is kept only where a folder is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'soak-report-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    onTestFinished(() => void vi.unstubAllEnvs());
    const report = makeReport('kv', log, calls, []);
    vi.stubEnv('SOAK_REPORTS', undefined);
    await keepReport(report);
    vi.stubEnv('SOAK_REPORTS', folder);
    await keepReport(report);
    expect(JSON.parse(await readFile(join(folder, 'kv.json'), 'utf8'))).toEqual(report);
  });
});

describe('the length of a soak', () => {
  it('is as many strikes as a test names', () => {
    expect([...strikesFor(soakLength(3))]).toEqual([0, 1, 2]);
  });

  it('goes on for as many minutes as are asked for', () => {
    vi.stubEnv('SOAK_MINUTES', '2');
    onTestFinished(() => void vi.unstubAllEnvs());
    let time = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (time += 50_000));
    onTestFinished(() => clock.mockRestore());
    expect([...strikesFor(soakLength(0))]).toHaveLength(2);
  });
});
