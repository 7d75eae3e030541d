import { failureNotes, fixed, whole } from '../report.js';
import { median, spreadOf } from '../statistics.js';
import { DRAIN_MS } from '../worker/come-back.js';
import { addFailures } from '../worker/failures.js';
import type { SliceResult } from '../worker/slice.js';
import { FILL_MS } from '../worker/store-load.js';
import type { WorkerProcess } from '../worker/worker-process.js';
import type { Chart, Row, Table } from './row.js';
import type { RowContext } from './row-context.js';
import { type Slice, takeTurns } from './turns.js';

const MEMBERS = 3;
const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const CONCURRENCY = 64;
const SLICE_SECONDS = 0.4;
const ROUNDS = 10;
const VALUE_BYTES = 100;
/** Keys that are filled in one load, which is bounded in time. */
const FILL_AT_ONCE = 100_000;

const operations = ['get', 'set'] as const;

interface Sample extends Slice<{ readonly operation: (typeof operations)[number] }, SliceResult> {
  readonly name: string;
  readonly size: number;
  /** Whether it is of the servers that keep the fewest keys all the time. */
  readonly isBase: boolean;
}

/** Whether many keys slow down a get or a set, beside the same with few keys in the same turns. */
export const row: Row = {
  name: 'kv-keys',
  async run(context) {
    const samples: Sample[] = [];
    for (const name of context.contenders('store').filter((one) => one === 'ours' || one === 'floor'))
      samples.push(...(await runContender(context, name)));
    return {
      tables: operations.map((operation) => table(context, samples, operation)),
      charts: operations.map((operation) => chart(context, samples, operation)),
      samples,
    };
  },
};

async function runContender(context: RowContext, name: string): Promise<Sample[]> {
  await using few = await context.startGroup(MEMBERS);
  await using many = await context.startGroup(MEMBERS);
  const sizes = context.sizes(SIZES);
  const [fewest = 0] = sizes;
  await using base = await context.startContender('store', name, few, `${name}, few keys`);
  await using grown = await context.startContender('store', name, many, `${name}, many keys`);
  const samples: Sample[] = [];
  if (!base || !grown) return samples;
  await context.attempt(name, 'was stopped', async () => {
    await fill(context, base, 0, fewest);
    let filled = 0;
    for (const size of sizes) {
      await fill(context, grown, filled, size);
      filled = size;
      const slices = await takeTurns(context, [base, grown], {
        title: `kv-keys: ${name}, ${whole(size)} keys`,
        tasks: operations.map((operation) => ({ operation })),
        seconds: context.seconds(SLICE_SECONDS),
        rounds: context.rounds(ROUNDS),
        run: (contender, { operation }, _round, seconds) => {
          const keys = contender === base ? fewest : size;
          const load = { operation, concurrency: CONCURRENCY, seconds, valueBytes: VALUE_BYTES, keys };
          return contender.run('store', load, seconds * 1000 + 2 * DRAIN_MS);
        },
      });
      samples.push(...slices.map((slice) => ({ ...slice, name, size, isBase: slice.contender === base.name })));
    }
  });
  return samples;
}

async function fill(context: RowContext, contender: WorkerProcess, from: number, to: number): Promise<void> {
  for (let begin = from; begin < to; begin += FILL_AT_ONCE) {
    const load = { from: begin, keys: Math.min(to, begin + FILL_AT_ONCE), valueBytes: VALUE_BYTES };
    const failures = await contender.run('fill', load, 2 * FILL_MS);
    failureNotes(`${contender.name} (fill)`, failures).forEach((note) => context.problem(note));
  }
}

function table(context: RowContext, samples: readonly Sample[], operation: Sample['operation']): Table {
  const sizes = context.sizes(SIZES);
  const names = [...new Set(samples.map(({ name }) => name))];
  return {
    title: `Key-value store, ${MEMBERS} members, ${operation} of any key, ${CONCURRENCY} at once: operations/s`,
    columns: ['', ...sizes.flatMap((size) => [`${whole(size)} keys`, `× ${whole(sizes[0] ?? NaN)}`])],
    rows: names.map((name) => [
      name,
      ...sizes.flatMap((size) => {
        const own = samples.filter((one) => one.name === name && one.operation === operation && one.size === size);
        const ratios = own
          .filter(({ isBase }) => !isBase)
          .map(({ rate, round }) => rate / (own.find((one) => one.isBase && one.round === round)?.rate ?? NaN));
        return [whole(median(own.filter(({ isBase }) => !isBase).map(({ rate }) => rate))), fixed(median(ratios))];
      }),
    ]),
    notes: names.flatMap((name) =>
      failureNotes(name, addFailures(...samples.filter((one) => one.name === name).map(({ failures }) => failures))),
    ),
  };
}

function chart(context: RowContext, samples: readonly Sample[], operation: Sample['operation']): Chart {
  const sizes = context.sizes(SIZES);
  const lines = [...new Set(samples.map(({ contender }) => contender))];
  return {
    title: `${operation} of any key, by keys`,
    unit: 'operations/s',
    steps: sizes.map(whole),
    lines: lines.map((name) => {
      const own = samples.filter((one) => one.contender === name && one.operation === operation);
      return { name, points: sizes.map((size) => spreadOf(own.filter((one) => one.size === size).map((s) => s.rate))) };
    }),
  };
}
