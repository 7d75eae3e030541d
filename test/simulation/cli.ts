import { parseArgs } from 'node:util';
import { makePlan } from './make-plan.js';
import { describePlan } from './report/describe-plan.js';
import { simulate, type Failure, type Summary } from './report/simulate.js';
import { runPlan } from './run-plan.js';
import { workloadNames, type WorkloadName } from './workload/workload.js';

const usage = `npm run sim -- [--seeds 1000] [--seed N] [--workload ${workloadNames.join('|')}] [--split] [--trace] [--keep-going]`;
const shrinkAttempts = 400;
const failuresMax = 20;

/** @returns the exit code */
async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      workload: { type: 'string' },
      split: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      'keep-going': { type: 'boolean', default: false },
    },
  });
  const workload = values.workload as WorkloadName | undefined;
  if (workload !== undefined && !workloadNames.includes(workload)) throw new Error(`no such workload: ${workload}`);
  const only = values.seed === undefined ? undefined : whole('--seed', values.seed);
  if (values.trace) {
    await runPlan(makePlan(only ?? 1, workload), (line) => console.log(line));
    return 0;
  }
  const count = whole('--seeds', values.seeds ?? (only === undefined ? '1000' : '1'));
  const first = only ?? Math.floor(Math.random() * 2 ** 31);
  const seeds = [...take(seedsFrom(first, values.split, workload), count)];
  console.log(`seeds ${first} to ${seeds.at(-1)}${values.split ? ' that have partitions' : ''}`);
  let told = performance.now();
  const summary = await simulate(seeds, {
    workload,
    shrinkAttempts,
    failuresMax: values['keep-going'] ? failuresMax : 1,
    onSeed(seed) {
      if (performance.now() - told < 10_000) return;
      told = performance.now();
      console.log(`  … ${seeds.indexOf(seed) + 1} seeds`);
    },
  });
  for (const failure of summary.failures) tell(failure, workload);
  tellSummary(summary);
  return summary.failures.length === 0 ? 0 : 1;
}

/** @param isSplit only those of which the group is split into partitions */
function* seedsFrom(first: number, isSplit: boolean, workload: WorkloadName | undefined): Generator<number> {
  for (let seed = first; ; seed++) if (!isSplit || makePlan(seed, workload).split) yield seed;
}

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  if (count === 0) return;
  let left = count;
  for (const item of items) {
    yield item;
    if (--left === 0) return;
  }
}

function whole(option: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new Error(`${option} must be a whole number`);
  return value;
}

function tell({ seed, violations, smallest, shownBy }: Failure, workload: WorkloadName | undefined): void {
  const command = `npm run sim -- --seed ${seed}${workload ? ` --workload ${workload}` : ''}`;
  console.log(`\nFAILED seed=${seed}  repeat: ${command} [--trace]`);
  for (const violation of violations) console.log(`  ${violation}`);
  console.log(`The shortest schedule found that fails in the same way:\n${describePlan(smallest)}`);
  for (const violation of shownBy) console.log(`  ${violation}`);
}

function tellSummary({ seeds, seconds, events, virtualMs, counts, failures }: Summary): void {
  console.log(
    `\n${seeds} seeds in ${seconds.toFixed(1)} s: ${(seeds / seconds).toFixed(2)} seeds/s, ` +
      `${Math.round(events / seconds)} events/s, ${(virtualMs / 1000 / seconds).toFixed(1)} virtual seconds a second`,
  );
  console.log(
    Object.entries(counts)
      .map(([what, count]) => `${what} ${count}`)
      .join(', '),
  );
  console.log(failures.length === 0 ? 'No invariant was violated.' : `${failures.length} seeds failed.`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(usage);
  process.exitCode = 2;
}
