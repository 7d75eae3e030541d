import { failureNotes, fixed, whole } from '../report.js';
import { median, spreadOf } from '../statistics.js';
import { addFailures, type FailureCounts } from '../worker/failures.js';
import type { WorkerProcess } from '../worker/worker-process.js';
import type { Chart, Table } from './row.js';
import type { RowContext } from './row-context.js';
import { takeTurns } from './turns.js';

/** Things that are filled in one load, which is bounded in time. */
const FILL_AT_ONCE = 100_000;

/** A contender twice: on servers that keep few things all the time, and on others that keep more and more. */
export interface Pair {
  readonly label: string;
  readonly few: WorkerProcess;
  readonly many: WorkerProcess;
}

export interface GrownSample {
  readonly label: string;
  readonly size: number;
  readonly round: number;
  /** Whether it is of the servers that keep the fewest all the time. */
  readonly isBase: boolean;
  readonly operation: string;
  readonly rate: number;
  readonly failures: FailureCounts;
}

export interface Growth {
  /** Begins each line about the progress. */
  readonly title: string;
  readonly sizes: readonly number[];
  readonly operations: readonly string[];
  readonly seconds: number;
  readonly rounds: number;
  /** Adds things numbered from one number up to another. */
  fill(contender: WorkerProcess, from: number, to: number): Promise<FailureCounts>;
  /** @returns operations per second */
  measure(
    contender: WorkerProcess,
    task: { readonly operation: string; readonly size: number; readonly seconds: number },
  ): Promise<{ readonly rate: number; readonly failures: FailureCounts }>;
  /** Called when so many are there and nothing else goes on. */
  onFilled?(size: number): Promise<void>;
}

/**
 * Measures the same beside few things and beside more and more, in turns, so that what the machine does meanwhile hits
 * both.
 */
export async function measureGrowth(context: RowContext, pair: Pair, growth: Growth): Promise<GrownSample[]> {
  const { label, few, many } = pair;
  const { sizes, operations } = growth;
  const [fewest = 0] = sizes;
  const samples: GrownSample[] = [];
  await context.attempt(label, 'was stopped', async () => {
    await fill(context, growth, few, 0, fewest);
    let filled = 0;
    for (const size of sizes) {
      await fill(context, growth, many, filled, size);
      filled = size;
      await growth.onFilled?.(size);
      const slices = await takeTurns(context, [few, many], {
        title: `${growth.title}: ${label}, ${whole(size)}`,
        tasks: operations.map((operation) => ({ operation })),
        seconds: growth.seconds,
        rounds: growth.rounds,
        run: (contender, { operation }, _round, seconds) =>
          growth.measure(contender, { operation, size: contender === few ? fewest : size, seconds }),
      });
      samples.push(
        ...slices.map(({ contender, ...slice }) => ({ ...slice, label, size, isBase: contender === few.name })),
      );
    }
  });
  return samples;
}

async function fill(
  context: RowContext,
  growth: Growth,
  contender: WorkerProcess,
  from: number,
  to: number,
): Promise<void> {
  for (let begin = from; begin < to; begin += FILL_AT_ONCE) {
    context.progress(`${growth.title}: ${contender.name}, filling to ${whole(to)}`);
    const failures = await growth.fill(contender, begin, Math.min(to, begin + FILL_AT_ONCE));
    failureNotes(`${contender.name} (fill)`, failures).forEach((note) => context.problem(note));
  }
}

/** How an operation goes with the most beside how it goes with the fewest. */
export function grownTable(title: string, samples: readonly GrownSample[], operation: string, things: string): Table {
  const sizes = sizesOf(samples);
  const labels = [...new Set(samples.map(({ label }) => label))];
  return {
    title,
    columns: ['', ...sizes.flatMap((size) => [`${whole(size)} ${things}`, `× ${whole(sizes[0] ?? NaN)}`])],
    rows: labels.map((label) => [
      label,
      ...sizes.flatMap((size) => {
        const own = samples.filter((one) => one.label === label && one.operation === operation && one.size === size);
        const many = own.filter(({ isBase }) => !isBase);
        const ratios = many.map(
          ({ rate, round }) => rate / (own.find((one) => one.isBase && one.round === round)?.rate ?? NaN),
        );
        return [whole(median(many.map(({ rate }) => rate))), fixed(median(ratios))];
      }),
    ]),
    notes: labels.flatMap((label) => failureNotes(label, failuresOf(samples, label, operation))),
  };
}

function failuresOf(samples: readonly GrownSample[], label: string, operation: string): FailureCounts {
  const own = samples.filter((one) => one.label === label && one.operation === operation);
  return addFailures(...own.map(({ failures }) => failures));
}

/** Both of each pair over the sizes of the one that grows. */
export function grownChart(title: string, unit: string, samples: readonly GrownSample[], operation: string): Chart {
  const sizes = sizesOf(samples);
  const labels = [...new Set(samples.map(({ label }) => label))];
  return {
    title,
    unit,
    steps: sizes.map(whole),
    lines: labels.flatMap((label) =>
      [false, true].map((isBase) => {
        const own = samples.filter(
          (one) => one.label === label && one.operation === operation && one.isBase === isBase,
        );
        return {
          name: isBase ? `${label}, few beside it` : label,
          points: sizes.map((size) => spreadOf(own.filter((one) => one.size === size).map(({ rate }) => rate))),
        };
      }),
    ),
  };
}

function sizesOf(samples: readonly GrownSample[]): number[] {
  return [...new Set(samples.map(({ size }) => size))].sort((a, b) => a - b);
}
