import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { seededRandom, testSeed } from '../support/seed.js';
import { checkLinearizability, type KvOperation } from './checker/check-linearizability.js';
import { flush } from './nemesis/flush.js';
import { freezeAndThaw } from './nemesis/freeze-and-thaw.js';
import { shuffled, type Fault } from './nemesis/nemesis.js';
import { restartEmpty } from './nemesis/restart-empty.js';
import type { FaultLog } from './report/fault-log.js';
import { soakLength, strikesFor } from './report/soak-length.js';
import { keepReport, makeReport, type SoakCall } from './report/soak-report.js';
import { Site } from './site/site.js';
import { brisk } from './site/site-client.js';
import { KvProcess } from './workload/kv-process.js';

const registers = ['red', 'green', 'blue', 'gold'];
const counters = ['stock'];
/** ms that the processes' clocks are wrong: nothing may depend on them. */
const clockOffsets = [0, -3_600_000, 60_000];
/** Two members are hit at a time. */
const length = soakLength(6);

/** Stops a whole client process for longer than an operation takes. */
function pauseProcess(processes: readonly KvProcess[]): Fault {
  return async (site, member, random) => {
    const chosen = processes[Math.floor(random() * processes.length)]!;
    site.log.add('pause a client', `process ${processes.indexOf(chosen) + 1}`);
    chosen.stop();
    try {
      await pause(brisk.maxOperationTime * (0.5 + 3 * random()));
    } finally {
      chosen.continue();
    }
    await restartEmpty(site, member, random);
  };
}

/** Cuts one process from one member in the middle of whatever it does. */
function cutLink(links: Awaited<ReturnType<Site['openLinks']>>[]): Fault {
  return async (site, member, random) => {
    const link = links[Math.floor(random() * links.length)]![member - 1]!;
    site.log.add('cut a link', `redis-${member}`);
    link.cut();
    await pause(random() * 300);
    link.restore();
  };
}

interface Run {
  readonly history: readonly KvOperation[];
  readonly log: FaultLog;
}

async function runUnderFaults(seed: number): Promise<Run> {
  const random = seededRandom(seed);
  await using site = await Site.start();
  const observer = await site.connect('observer');
  const links = await Promise.all(['a', 'b', 'c'].map(() => site.openLinks()));
  const processes = await Promise.all(
    ['a', 'b', 'c'].map((name, index) =>
      KvProcess.start({
        name,
        options: { ...brisk, nodes: links[index]!.map(({ url }) => url) },
        seed: seed + index,
        clockOffset: clockOffsets[index]!,
        workers: 4,
        registers,
        counters,
      }),
    ),
  );
  try {
    const faults = [restartEmpty, flush, freezeAndThaw, pauseProcess(processes), cutLink(links)];
    const pick = (): Fault => faults[Math.floor(random() * faults.length)]!;
    for (const _ of strikesFor(length)) {
      // a minority at the same time
      const [first, second] = shuffled(site.memberNumbers, random);
      await Promise.all([pick()(site, first!, random), pick()(site, second!, random)]);
      await site.log.recover(() => observer.asksUntilAllVote());
    }
    const histories = await Promise.all(processes.map((one) => one.finish()));
    return { history: histories.flat(), log: site.log };
  } finally {
    await Promise.all(processes.map((one) => one[Symbol.asyncDispose]()));
  }
}

function callsOf(history: readonly KvOperation[]): SoakCall[] {
  const outcomes = { ok: 'done', failed: 'refused', unknown: 'unknown' } as const;
  return history.map(({ calledAt, returnedAt, outcome }) => ({
    at: Number.isFinite(returnedAt) ? returnedAt : calledAt,
    outcome: outcomes[outcome.kind],
  }));
}

describe('a key-value workload of three processes under restarts, flushes, freezes, cuts and pauses', () => {
  it('is linearizable, and counters are exact', { timeout: 180_000 + 2 * length.lasts }, async () => {
    const { history, log } = await runUnderFaults(testSeed());
    const verdict = checkLinearizability(history);
    await keepReport(
      makeReport('values', log, callsOf(history), verdict.kind === 'linearizable' ? [] : [JSON.stringify(verdict)]),
    );
    expect(verdict).toEqual({ kind: 'linearizable' });
    const count = (kind: string): number => history.filter(({ outcome }) => outcome.kind === kind).length;
    console.log(`${count('ok')} done, ${count('failed')} refused, ${count('unknown')} unknown`);
    // nothing could have gone wrong if nothing had been done
    expect(count('ok')).toBeGreaterThan(100 * length.strikes);

    const increments = history.filter(({ action }) => action.kind === 'increment');
    const acknowledged = increments.filter(({ outcome }) => outcome.kind === 'ok').length;
    const unknown = increments.filter(({ outcome }) => outcome.kind === 'unknown').length;
    const counts = history.filter(({ key, outcome }) => counters.includes(key) && outcome.kind === 'ok');
    const final = Math.max(...counts.map(({ outcome }) => Number(outcome.kind === 'ok' ? outcome.result : 0)));
    expect(final).toBeGreaterThanOrEqual(acknowledged);
    expect(final).toBeLessThanOrEqual(acknowledged + unknown);
  });
});
