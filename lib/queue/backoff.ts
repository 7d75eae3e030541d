import type { Random } from '../runtime/random.js';
import type { Backoff } from './queue.js';

/** ms, a year: no message rests longer. */
export const delayMax = 31_536_000_000;

/** ms until the next attempt. @param attempt the one that failed, from 1 */
export function backoffDelay(backoff: Backoff, attempt: number, random: Random): number {
  const base =
    backoff.type === 'fixed' ? backoff.delay : Math.min(backoff.delay * 2 ** (attempt - 1), backoff.max ?? delayMax);
  const jitter = backoff.jitter ?? 0;
  return Math.min(delayMax, Math.round(base * (1 - jitter * random.fraction())));
}
