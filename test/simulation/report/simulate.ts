import { makePlan } from '../make-plan.js';
import type { Plan } from '../plan.js';
import { runPlan, type Outcome } from '../run-plan.js';
import type { WorkloadName } from '../workload/workload.js';
import { shrink } from './shrink.js';

/** A seed that failed. */
export interface Failure {
  readonly seed: number;
  readonly violations: readonly string[];
  /** The smallest plan found that fails in the same way, and how it does. */
  readonly smallest: Plan;
  readonly shownBy: readonly string[];
}

/** What many runs came to. */
export interface Summary {
  readonly seeds: number;
  readonly seconds: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
}

export interface SimulateOptions {
  readonly workload?: WorkloadName;
  /** Smaller plans that are tried for a failure at most; 0 leaves it as it is. */
  readonly shrinkAttempts: number;
  /** Failures after which no further seed is tried. */
  readonly failuresMax: number;
  /** Ends the run early, ms of real time. */
  readonly budget?: number;
  readonly onSeed?: (seed: number, outcome: Outcome) => void;
}

/** Runs one seed after the other. */
export async function simulate(seeds: Iterable<number>, options: SimulateOptions): Promise<Summary> {
  const startedAt = performance.now();
  const counts: Record<string, number> = {};
  const failures: Failure[] = [];
  const total = { seeds: 0, events: 0, virtualMs: 0 };
  for (const seed of seeds) {
    const plan = makePlan(seed, options.workload);
    const outcome = await runPlan(plan);
    total.seeds += 1;
    total.events += outcome.events;
    total.virtualMs += outcome.lasted;
    for (const [what, count] of Object.entries(outcome.counts)) counts[what] = (counts[what] ?? 0) + count;
    if (outcome.violations.length > 0) failures.push(await reduce(plan, outcome, options.shrinkAttempts));
    options.onSeed?.(seed, outcome);
    if (failures.length >= options.failuresMax || performance.now() - startedAt > (options.budget ?? Infinity)) break;
  }
  return { ...total, seconds: (performance.now() - startedAt) / 1000, counts, failures };
}

async function reduce(plan: Plan, { violations }: Outcome, attempts: number): Promise<Failure> {
  const wanted = kindOf(violations[0]!);
  let shownBy = violations;
  const stillFails = async (smaller: Plan): Promise<boolean> => {
    const outcome = await runPlan(smaller);
    const fails = outcome.violations.some((violation) => kindOf(violation) === wanted);
    if (fails) shownBy = outcome.violations;
    return fails;
  };
  const smallest = await shrink(plan, stillFails, attempts);
  return { seed: plan.seed, violations, smallest, shownBy };
}

/** A violation without its names and numbers: while a plan shrinks they change. */
function kindOf(violation: string): string {
  return violation
    .split('\n')[0]!
    .replaceAll(/"[^"]*"|[\d.]+/g, '#')
    .slice(0, 40);
}
