import { failureNotes, fixed, ratio, whole } from '../report.js';
import { median, spreadOf } from '../statistics.js';
import { DRAIN_MS } from '../worker/come-back.js';
import { addFailures, countFailures } from '../worker/failures.js';
import { KEY_POOL } from '../worker/keys.js';
import type { SliceResult } from '../worker/slice.js';
import { FILL_MS } from '../worker/store-load.js';
import type { Chart, Row, Table } from './row.js';
import type { RowContext } from './row-context.js';
import { type Slice, takeTurns } from './turns.js';

const SIZES = [3, 5];
const CONCURRENCIES = [1, 16, 128];
const SLICE_SECONDS = 0.4;
const ROUNDS = 10;
const VALUE_BYTES = 100;

const poolLoad = { keys: KEY_POOL, valueBytes: VALUE_BYTES };

const operations = ['get', 'repeated set', 'first set'] as const;

interface Task {
  readonly operation: (typeof operations)[number];
  readonly concurrency: number;
}

type StoreSlice = Slice<Task, SliceResult>;

/** Gets, sets of keys that this writer has set before, and sets of keys that nobody has, on 3 and on 5 members. */
export const row: Row = {
  name: 'kv',
  async run(context) {
    const tables: Table[] = [];
    const charts: Chart[] = [];
    const samples: (StoreSlice & { readonly size: number })[] = [];
    for (const size of SIZES) {
      const slices = await runSize(context, size);
      samples.push(...slices.map((slice) => ({ size, ...slice })));
      tables.push(...operations.map((operation) => table(context, slices, size, operation)));
      charts.push(...operations.map((operation) => chart(context, slices, size, operation)));
    }
    return { tables, charts, samples };
  },
};

async function runSize(context: RowContext, size: number): Promise<StoreSlice[]> {
  await using group = await context.startGroup(size);
  await using contenders = await context.startContenders('store', context.contenders('store'), group);
  for (const contender of contenders.processes) {
    const failures = await context.attempt(contender.name, 'was not filled', () =>
      contender.run('fill', poolLoad, FILL_MS),
    );
    if (failures) failureNotes(`${contender.name} (fill)`, failures).forEach((note) => context.problem(note));
  }
  const concurrencies = context.concurrency(CONCURRENCIES);
  // awaited here: servers and contenders end with this function
  return await takeTurns(context, contenders.processes, {
    title: `kv, ${size} members`,
    tasks: operations.flatMap((operation) => concurrencies.map((concurrency) => ({ operation, concurrency }))),
    seconds: context.seconds(SLICE_SECONDS),
    rounds: context.rounds(ROUNDS),
    run: async (contender, { operation, concurrency }, round, seconds) => {
      // the first sets of other slices are more than a writer keeps promises of
      if (operation === 'repeated set') await contender.run('fill', poolLoad, FILL_MS);
      const load = {
        concurrency,
        seconds,
        operation: operation === 'get' ? ('get' as const) : ('set' as const),
        valueBytes: VALUE_BYTES,
        newKeys: operation === 'first set' ? `${round}-${concurrency}` : undefined,
      };
      return contender.run('store', load, seconds * 1000 + 2 * DRAIN_MS);
    },
  });
}

function table(context: RowContext, slices: readonly StoreSlice[], size: number, operation: Task['operation']): Table {
  const names = context.contenders('store');
  const concurrencies = context.concurrency(CONCURRENCIES);
  const of = (name: string, concurrency: number) =>
    slices.filter(
      (slice) => slice.contender === name && slice.operation === operation && slice.concurrency === concurrency,
    );
  const rate = (name: string, concurrency: number) => median(of(name, concurrency).map((slice) => slice.rate));
  const all = (name: string) => concurrencies.flatMap((concurrency) => of(name, concurrency));
  const failures = (name: string) => addFailures(...all(name).map((slice) => slice.failures));
  return {
    title: `Key-value store, ${size} members, values of ${VALUE_BYTES} bytes: ${operation}`,
    columns: [
      '',
      ...concurrencies.flatMap((concurrency) => [`${concurrency}: ops/s`, '× floor', 'p99 ms', 'CPU µs/op']),
      'failed',
    ],
    rows: names.map((name) => [
      name,
      ...concurrencies.flatMap((concurrency) => [
        whole(rate(name, concurrency)),
        ratio(rate(name, concurrency), rate('floor', concurrency)),
        fixed(median(of(name, concurrency).map((slice) => slice.p99Ms))),
        fixed(median(of(name, concurrency).map((slice) => slice.cpuUs)), 1),
      ]),
      whole(countFailures(failures(name)) + all(name).reduce((sum, slice) => sum + slice.stuck, 0)),
    ]),
    notes: names.flatMap((name) => failureNotes(name, failures(name))),
  };
}

function chart(context: RowContext, slices: readonly StoreSlice[], size: number, operation: Task['operation']): Chart {
  const concurrencies = context.concurrency(CONCURRENCIES);
  return {
    title: `${operation} on ${size} members, by calls at once`,
    unit: 'operations/s',
    steps: concurrencies.map(String),
    lines: context.contenders('store').map((name) => ({
      name,
      points: concurrencies.map((concurrency) => {
        const own = slices.filter((slice) => slice.contender === name && slice.operation === operation);
        return spreadOf(own.filter((slice) => slice.concurrency === concurrency).map(({ rate }) => rate));
      }),
    })),
  };
}
