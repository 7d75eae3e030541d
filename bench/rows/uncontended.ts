import { isPeer } from '../contenders.js';
import { failureNotes, fixed, ratio, whole } from '../report.js';
import { median } from '../statistics.js';
import { addFailures, countFailures } from '../worker/failures.js';
import { DRAIN_MS, type UncontendedResult } from '../worker/uncontended-load.js';
import type { WorkerProcess } from '../worker/worker-process.js';
import type { Row, Table } from './row.js';
import { GROUP_SIZE, type RowContext } from './row-context.js';

const CONCURRENCIES = [1, 16, 128];
const SLICE_SECONDS = 0.4;
const ROUNDS = 20;

interface Slice extends UncontendedResult {
  readonly contender: string;
  readonly concurrency: number;
  readonly round: number;
}

/**
 * Acquire and release on free keys. Contenders take turns in short slices, in an order that rotates each round, so
 * that whatever else happens on the machine hits them alike.
 */
export const row: Row = {
  name: 'uncontended',
  async run(context) {
    await using group = await context.startGroup();
    const contenders: WorkerProcess[] = [];
    try {
      for (const name of context.contenders) {
        const contender = await context.startContender(name, group);
        if (contender) contenders.push(contender);
      }
      const slices = await runRounds(context, contenders);
      const names = contenders.map(({ name }) => name);
      const tables = context.concurrency(CONCURRENCIES).map((concurrency) => table(slices, names, concurrency));
      return { tables, samples: slices };
    } finally {
      await Promise.all(contenders.map((contender) => contender[Symbol.asyncDispose]()));
    }
  },
};

async function runRounds(context: RowContext, all: readonly WorkerProcess[]): Promise<Slice[]> {
  const slices: Slice[] = [];
  let contenders = [...all];
  const seconds = context.seconds(SLICE_SECONDS);
  const rounds = context.rounds(ROUNDS);
  // round 0 warms up connections and compilers and is not counted
  for (let round = 0; round <= rounds; round++) {
    context.progress(round === 0 ? 'uncontended: warming up' : `uncontended: round ${round} of ${rounds}`);
    for (const concurrency of context.concurrency(CONCURRENCIES)) {
      for (const contender of rotated(contenders, round)) {
        const load = { concurrency, seconds: round === 0 ? Math.min(seconds, 0.5) : seconds };
        const bound = load.seconds * 1000 + 2 * DRAIN_MS;
        const { name } = contender;
        const result = await context.attempt(name, 'was left out', () => contender.run('uncontended', load, bound));
        if (!result) contenders = contenders.filter((other) => other !== contender);
        else if (round > 0) slices.push({ contender: name, concurrency, round, ...result });
      }
    }
  }
  return slices;
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function table(slices: readonly Slice[], names: readonly string[], concurrency: number): Table {
  const of = (name: string) => slices.filter((slice) => slice.contender === name && slice.concurrency === concurrency);
  const rate = (name: string) => median(of(name).map((slice) => slice.rate));
  const bestPeer = Math.max(...names.filter(isPeer).map(rate));
  const failures = (name: string) => addFailures(...of(name).map((slice) => slice.failures));
  return {
    title: `Uncontended, ${GROUP_SIZE} members, concurrency ${concurrency}: acquire+release cycles`,
    columns: [
      '',
      'cycles/s',
      'lowest',
      'highest',
      '× floor',
      '× best peer',
      'p50 ms',
      'p99 ms',
      'CPU µs/cycle',
      'failed',
    ],
    rows: names.map((name) => [
      name,
      whole(rate(name)),
      whole(Math.min(...of(name).map((slice) => slice.rate))),
      whole(Math.max(...of(name).map((slice) => slice.rate))),
      ratio(rate(name), rate('floor')),
      ratio(rate(name), bestPeer),
      fixed(median(of(name).map((slice) => slice.p50Ms))),
      fixed(median(of(name).map((slice) => slice.p99Ms))),
      fixed(median(of(name).map((slice) => slice.cpuUs)), 1),
      whole(countFailures(failures(name)) + of(name).reduce((sum, slice) => sum + slice.stuck, 0)),
    ]),
    notes: names.flatMap((name) => failureNotes(name, failures(name))),
  };
}
