import { failureNotes, fixed, ratio, whole } from '../report.js';
import { exactly, mean, quantile, sum } from '../statistics.js';
import type { ContendedResult } from '../worker/contended-load.js';
import { addFailures, countFailures } from '../worker/failures.js';
import { DRAIN_MS } from '../worker/come-back.js';
import type { WorkerProcess } from '../worker/worker-process.js';
import { overlapCount } from './overlaps.js';
import type { Chart, Row, Table } from './row.js';
import { GROUP_SIZE, type RowContext } from './row-context.js';

const PROCESSES = 4;
const WORKERS_EACH = 4;
const HOLD_MS = 5;
const SECONDS = 10;

interface Sample extends ContendedResult {
  readonly contender: string;
  readonly seconds: number;
}

/** Many workers in several processes want one key, each again as soon as it has given it back. */
export const row: Row = {
  name: 'contended',
  mayFail: true,
  async run(context) {
    await using group = await context.startGroup();
    const samples: Sample[] = [];
    for (const name of context.contenders('lock')) {
      const names = Array.from({ length: PROCESSES }, () => name);
      await using contenders = await context.startContenders('lock', names, group);
      const sample = await runProcesses(context, name, contenders.processes);
      if (sample) samples.push(sample);
    }
    return { tables: [table(samples)], charts: [chart(samples)], samples };
  },
};

async function runProcesses(
  context: RowContext,
  name: string,
  processes: readonly WorkerProcess[],
): Promise<Sample | undefined> {
  if (processes.length < PROCESSES) return undefined;
  if (!processes.every((contender) => contender.can('acquireWaiting'))) {
    context.leaveOut(name, 'it cannot wait for a held lock');
    return undefined;
  }
  const seconds = context.seconds(SECONDS);
  context.progress(`contended: ${name}`);
  const load = { key: `bench:${name}:contended`, workers: WORKERS_EACH, holdMs: HOLD_MS, seconds };
  const bound = seconds * 1000 + 2 * DRAIN_MS;
  const results = await context.attempt(name, 'was stopped', () =>
    Promise.all(processes.map((contender) => contender.run('contended', load, bound))),
  );
  return results && { contender: name, seconds, ...merge(results) };
}

function merge(results: readonly ContendedResult[]): ContendedResult {
  return {
    grants: results.flatMap(({ grants }) => grants),
    waits: results.flatMap(({ waits }) => waits),
    holds: results.flatMap(({ holds }) => holds),
    stuck: results.reduce((sum, { stuck }) => sum + stuck, 0),
    failures: addFailures(...results.map(({ failures }) => failures)),
  };
}

function table(samples: readonly Sample[]): Table {
  return {
    title: `Contended, ${GROUP_SIZE} members: ${PROCESSES * WORKERS_EACH} workers in ${PROCESSES} processes, one key, ${HOLD_MS} ms hold`,
    columns: [
      '',
      'grants/s',
      'hold ms',
      'of ceiling',
      'wait p50 ms',
      'p99 ms',
      'longest ms',
      'fewest',
      'most',
      'most/fewest',
      'two at once',
      'stuck',
      'failed',
    ],
    rows: samples.map((sample) => {
      const grants = sample.grants.reduce((sum, count) => sum + count, 0);
      const holdMs = mean(sample.holds.map(([from, to]) => to - from));
      const fewest = Math.min(...sample.grants);
      const most = Math.max(...sample.grants);
      return [
        sample.contender,
        fixed(grants / sample.seconds, 1),
        fixed(holdMs),
        ratio((grants / sample.seconds) * holdMs, 1000),
        fixed(quantile(sample.waits, 0.5), 0),
        fixed(quantile(sample.waits, 0.99), 0),
        fixed(quantile(sample.waits, 1), 0),
        whole(fewest),
        whole(most),
        ratio(most, fewest),
        whole(overlapCount(sample.holds)),
        whole(sample.stuck),
        whole(countFailures(sample.failures)),
      ];
    }),
    notes: [
      'hold: as timers really gave it; of ceiling: share of the time in which somebody held the lock.',
      'A wait that the end of the run cut off counts as long as it had lasted.',
      ...samples.flatMap((sample) => failureNotes(sample.contender, sample.failures)),
    ],
  };
}

function chart(samples: readonly Sample[]): Chart {
  return {
    title: 'Contended',
    unit: 'grants/s, and ms of the longest wait',
    as: 'bars',
    steps: ['grants/s', 'longest wait, ms'],
    lines: samples.map(({ contender, grants, waits, seconds }) => ({
      name: contender,
      points: [sum(grants) / seconds, quantile(waits, 1)].map(exactly),
    })),
  };
}
