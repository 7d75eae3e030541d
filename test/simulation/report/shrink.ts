import type { Plan } from '../plan.js';

/** Whether a smaller plan still shows the failure. */
export type StillFails = (plan: Plan) => Promise<boolean>;

/**
 * Leaves out of a failing plan what it does not need: faults, operations, whole workers. Halves at first, single ones at
 * the end (delta debugging; Zeller & Hildebrandt 2002).
 *
 * @param attempts how many smaller plans are tried at most
 */
export async function shrink(plan: Plan, stillFails: StillFails, attempts: number): Promise<Plan> {
  const budget = { left: attempts };
  const attempt = async (smaller: Plan): Promise<boolean> => budget.left-- > 0 && (await stillFails(smaller));
  let smallest = plan;
  for (let before = Infinity; sizeOf(smallest) < before && budget.left > 0;) {
    before = sizeOf(smallest);
    smallest = await without(smallest, (current) => current.faults, withFaults, attempt);
    for (let worker = 0; worker < smallest.workers.length; worker++) {
      const replace = (current: Plan, operations: Plan['workers'][number]['operations']): Plan => ({
        ...current,
        workers: current.workers.with(worker, { ...current.workers[worker]!, operations }),
      });
      smallest = await without(smallest, (current) => current.workers[worker]!.operations, replace, attempt);
    }
  }
  return smallest;
}

/** Faults and operations that are left. */
export function sizeOf({ faults, workers }: Plan): number {
  return workers.reduce((sum, { operations }) => sum + operations.length, faults.length);
}

function withFaults(plan: Plan, faults: Plan['faults']): Plan {
  return { ...plan, faults };
}

async function without<T>(
  plan: Plan,
  read: (plan: Plan) => readonly T[],
  write: (plan: Plan, items: readonly T[]) => Plan,
  attempt: (plan: Plan) => Promise<boolean>,
): Promise<Plan> {
  let current = plan;
  for (let size = read(plan).length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < read(current).length;) {
      const smaller = write(current, read(current).toSpliced(start, size));
      if (await attempt(smaller)) current = smaller;
      else start += size;
    }
  }
  return current;
}
