import type { RowContext } from './row-context.js';

const WARM_SECONDS_MAX = 0.5;

/** One slice, with the task that it was and what was measured. */
export type Slice<Task, Result> = Task & Result & { readonly contender: string; readonly round: number };

export interface Turns<Contender, Task, Result> {
  /** Begins each line about the progress. */
  readonly title: string;
  readonly tasks: readonly Task[];
  /** Length of a slice. */
  readonly seconds: number;
  readonly rounds: number;
  run(contender: Contender, task: Task, round: number, seconds: number): Promise<Result>;
}

/**
 * Contenders take turns in short slices, in an order that rotates each round, so that whatever else happens on the
 * machine hits them alike. One that fails is left out from then on, and noted as a problem of the row.
 */
export async function takeTurns<
  Contender extends { readonly name: string },
  Task extends object,
  Result extends object,
>(
  context: RowContext,
  all: readonly Contender[],
  turns: Turns<Contender, Task, Result>,
): Promise<Slice<Task, Result>[]> {
  const { title, tasks, rounds } = turns;
  const slices: Slice<Task, Result>[] = [];
  let contenders = [...all];
  // round 0 warms up connections and compilers and is not counted
  for (let round = 0; round <= rounds; round++) {
    context.progress(round === 0 ? `${title}: warming up` : `${title}: round ${round} of ${rounds}`);
    const seconds = round === 0 ? Math.min(turns.seconds, WARM_SECONDS_MAX) : turns.seconds;
    for (const task of tasks) {
      for (const contender of rotated(contenders, round)) {
        const { name } = contender;
        const result = await context.attempt(name, 'was left out', () => turns.run(contender, task, round, seconds));
        if (!result) contenders = contenders.filter((other) => other !== contender);
        else if (round > 0) slices.push({ ...task, ...result, contender: name, round });
      }
    }
  }
  return slices;
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
