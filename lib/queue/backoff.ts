import type { Random } from '../runtime/random.js';
import type { Backoff } from './queue.js';

/** ms, a year: no message rests longer. */
export const delayMax = 31_536_000_000;

/** From then on any delay but none is over the longest. */
const doublingsMax = 50;

/** ms until the next attempt. @param attempt the one that failed, from 1 */
export function backoffDelay(backoff: Backoff, attempt: number, random: Random): number {
  const doubled = backoff.delay * 2 ** Math.min(attempt - 1, doublingsMax);
  const base = backoff.type === 'fixed' ? backoff.delay : Math.min(doubled, backoff.max ?? delayMax);
  const jitter = backoff.jitter ?? 0;
  return Math.min(delayMax, Math.round(base * (1 - jitter * random.fraction())));
}
