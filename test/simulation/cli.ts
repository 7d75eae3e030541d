import { parseArgs } from 'node:util';
import { makePlan } from './make-plan.js';
import { describePlan } from './report/describe-plan.js';
import { simulate, type Failure, type Summary } from './report/simulate.js';
import { runPlan } from './run-plan.js';
import { workloadNames, type WorkloadName } from './workload/workload.js';

const usage = `npm run sim -- [--seeds 1000] [--seed N] [--workload ${workloadNames.join('|')}] [--trace] [--keep-going]`;
const shrinkAttempts = 400;
const failuresMax = 20;

/** @returns the exit code */
async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '1000' },
      seed: { type: 'string' },
      workload: { type: 'string' },
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
  const count = only === undefined ? whole('--seeds', values.seeds) : 1;
  const first = only ?? Math.floor(Math.random() * 2 ** 31);
  console.log(`seeds ${first} to ${first + count - 1}`);
  let told = performance.now();
  const summary = await simulate(
    Array.from({ length: count }, (_, index) => first + index),
    {
      workload,
      shrinkAttempts,
      failuresMax: values['keep-going'] ? failuresMax : 1,
      onSeed(seed) {
        if (performance.now() - told < 10_000) return;
        told = performance.now();
        console.log(`  … ${seed - first + 1} seeds`);
      },
    },
  );
  for (const failure of summary.failures) tell(failure, workload);
  tellSummary(summary);
  return summary.failures.length === 0 ? 0 : 1;
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
