import type { Plan } from './plan.js';
import { textOf, World } from './world.js';

/** Virtual ms that a scene may take. */
const longest = 120_000;

const calm: Plan = {
  seed: 1,
  groupSize: 3,
  memberClocks: Array.from({ length: 3 }, () => ({ offset: 0, rate: 1 })),
  clientClocks: Array.from({ length: 2 }, () => ({ offset: 0, rate: 1 })),
  delays: { usualMax: 1, slowShare: 0, slowMax: 1 },
  workers: [],
  faults: [],
  quietAt: 0,
};

/**
 * Plays one scene that a test directs by hand, in virtual time: three members and two clients, all well unless the
 * scene changes that.
 *
 * @throws what the scene throws; Error when it does not end
 */
export async function play<T>(scene: (world: World) => Promise<T>, changes: Partial<Plan> = {}): Promise<T> {
  const world = new World({ ...calm, ...changes }, undefined);
  let result: { readonly value: T } | { readonly error: unknown } | undefined;
  scene(world).then(
    (value) => (result = { value }),
    (error: unknown) => (result = { error }),
  );
  await world.scheduler.run(() => result !== undefined || world.violations.length > 0, longest);
  if (world.violations.length > 0) throw new Error(world.violations.join('\n'));
  if (!result) throw new Error('the scene does not end');
  if ('error' in result) throw result.error instanceof Error ? result.error : new Error(textOf(result.error));
  return result.value;
}

/** Virtual time passes for all. */
export function passes({ scheduler }: World, ms: number): Promise<void> {
  return new Promise((resolve) => void scheduler.after(ms, resolve));
}
