import type { Cycle } from './cycle-loop.js';
import type { LoadContext } from './loads.js';

/** Takes a lock in one attempt and gives it back. */
export function lockCycle({ locks, failures }: LoadContext): Cycle {
  return async (key) => {
    let during = 'acquire';
    try {
      const held = await locks.acquire(key);
      during = 'release';
      await locks.release(held);
      return true;
    } catch (error) {
      failures.add(during, error);
      return false;
    }
  };
}
