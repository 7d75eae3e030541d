import { failureNotes, fixed, ratio, whole } from '../report.js';
import { exactly, quantile, sum } from '../statistics.js';
import { DRAIN_MS } from '../worker/come-back.js';
import type { CounterResult } from '../worker/counter-load.js';
import { addFailures, countFailures } from '../worker/failures.js';
import type { WorkerProcess } from '../worker/worker-process.js';
import type { Chart, Row, Table } from './row.js';
import { GROUP_SIZE, type RowContext } from './row-context.js';

const PROCESSES = 4;
const WORKERS_EACH = 4;
const SECONDS = 10;

interface Sample extends CounterResult {
  readonly contender: string;
  readonly seconds: number;
  /** The counter in the end. */
  readonly final: number;
}

/** Many workers in several processes add 1 to one counter. */
export const row: Row = {
  name: 'kv-contended',
  mayFail: true,
  async run(context) {
    await using group = await context.startGroup();
    const samples: Sample[] = [];
    for (const name of context.contenders('store')) {
      const names = Array.from({ length: PROCESSES }, () => name);
      await using contenders = await context.startContenders('store', names, group);
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
  const [first] = processes;
  if (!first || processes.length < PROCESSES) return undefined;
  if (!first.can('increment')) {
    context.leaveOut(name, 'it cannot count');
    return undefined;
  }
  const seconds = context.seconds(SECONDS);
  context.progress(`kv-contended: ${name}`);
  const load = { key: `bench:${name}:counter`, workers: WORKERS_EACH, seconds };
  const bound = seconds * 1000 + 2 * DRAIN_MS;
  return context.attempt(name, 'was stopped', async () => {
    const results = await Promise.all(processes.map((contender) => contender.run('counter', load, bound)));
    const final = await first.run('readCounter', load, DRAIN_MS);
    return { contender: name, seconds, final, ...merge(results) };
  });
}

function merge(results: readonly CounterResult[]): CounterResult {
  return {
    acknowledged: results.flatMap(({ acknowledged }) => acknowledged),
    unknown: results.reduce((sum, { unknown }) => sum + unknown, 0),
    latencies: results.flatMap(({ latencies }) => latencies),
    stuck: results.reduce((sum, { stuck }) => sum + stuck, 0),
    failures: addFailures(...results.map(({ failures }) => failures)),
  };
}

function table(samples: readonly Sample[]): Table {
  return {
    title: `Contended counter, ${GROUP_SIZE} members: ${PROCESSES * WORKERS_EACH} workers in ${PROCESSES} processes`,
    columns: [
      '',
      'increments/s',
      'p50 ms',
      'p99 ms',
      'longest ms',
      'fewest',
      'most',
      'most/fewest',
      'acknowledged',
      'unknown',
      'final',
      'exact',
      'stuck',
      'failed',
    ],
    rows: samples.map((sample) => {
      const acknowledged = sample.acknowledged.reduce((sum, count) => sum + count, 0);
      const fewest = Math.min(...sample.acknowledged);
      const most = Math.max(...sample.acknowledged);
      return [
        sample.contender,
        whole(acknowledged / sample.seconds),
        fixed(quantile(sample.latencies, 0.5), 1),
        fixed(quantile(sample.latencies, 0.99), 0),
        fixed(quantile(sample.latencies, 1), 0),
        whole(fewest),
        whole(most),
        ratio(most, fewest),
        whole(acknowledged),
        whole(sample.unknown),
        whole(sample.final),
        acknowledged <= sample.final && sample.final <= acknowledged + sample.unknown ? 'yes' : 'NO',
        whole(sample.stuck),
        whole(countFailures(sample.failures)),
      ];
    }),
    notes: [
      'exact: acknowledged ≤ final ≤ acknowledged + unknown; unknown: the increment may have been applied or not.',
      ...samples.flatMap((sample) => failureNotes(sample.contender, sample.failures)),
    ],
  };
}

function chart(samples: readonly Sample[]): Chart {
  return {
    title: 'Contended counter',
    unit: 'increments/s, and ms of the longest one',
    as: 'bars',
    steps: ['increments/s', 'longest, ms'],
    lines: samples.map(({ contender, acknowledged, latencies, seconds }) => ({
      name: contender,
      points: [sum(acknowledged) / seconds, quantile(latencies, 1)].map(exactly),
    })),
  };
}
