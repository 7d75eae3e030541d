import type { Purpose } from '../contenders.js';
import type { FailureCounts } from '../worker/failures.js';
import type { WorkerProcess } from '../worker/worker-process.js';
import { grownChart, grownTable, type GrownSample, measureGrowth } from './grown.js';
import type { Row } from './row.js';
import type { RowContext } from './row-context.js';

const MEMBERS = 3;
const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const SLICE_SECONDS = 0.4;
const ROUNDS = 10;

/** Calls at once. */
export const KEYS_CONCURRENCY = 64;

interface KeysRow {
  readonly name: string;
  readonly purpose: Purpose;
  /** Begins the titles of its tables. */
  readonly title: string;
  readonly operations: readonly string[];
  fill(contender: WorkerProcess, load: { readonly from: number; readonly keys: number }): Promise<FailureCounts>;
  measure(
    contender: WorkerProcess,
    task: { readonly operation: string; readonly keys: number; readonly seconds: number },
  ): Promise<{ readonly rate: number; readonly failures: FailureCounts }>;
}

/** A row that shows whether many keys slow down ours and the floor, beside the same with few keys in the same turns. */
export function keysRow({ name, purpose, title, operations, fill, measure }: KeysRow): Row {
  const run = async (context: RowContext, contender: string): Promise<GrownSample[]> => {
    await using servers = await context.startGroup(MEMBERS);
    await using group = await context.startGroup(MEMBERS);
    await using few = await context.startContender(purpose, contender, servers, `${contender}, few keys`);
    await using many = await context.startContender(purpose, contender, group, `${contender}, many keys`);
    if (!few || !many) return [];
    // awaited here: servers and contenders end with this function
    return await measureGrowth(
      context,
      { label: contender, few, many },
      {
        title: name,
        sizes: context.sizes(SIZES),
        operations,
        seconds: context.seconds(SLICE_SECONDS),
        rounds: context.rounds(ROUNDS),
        fill: (process, from, to) => fill(process, { from, keys: to }),
        measure: (process, { operation, size, seconds }) => measure(process, { operation, keys: size, seconds }),
      },
    );
  };
  return {
    name,
    async run(context) {
      const samples: GrownSample[] = [];
      for (const contender of context.contenders(purpose).filter((one) => one === 'ours' || one === 'floor'))
        samples.push(...(await run(context, contender)));
      const heading = (operation: string) =>
        `${title}, ${MEMBERS} members, ${operation} of any key, ${KEYS_CONCURRENCY} at once: operations/s`;
      return {
        tables: operations.map((operation) => grownTable(heading(operation), samples, operation, 'keys')),
        charts: operations.map((operation) =>
          grownChart(`${operation} of any key, by keys`, 'operations/s', samples, operation),
        ),
        samples,
      };
    },
  };
}
