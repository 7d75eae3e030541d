import type { Random } from '../../lib/runtime/random.js';

/** Randomness without chance: ids `id-1`, `id-2`, …, and one fraction for all jitter. */
export function countingRandom(fraction = 0.5): Random {
  let ids = 0;
  return { id: () => `id-${++ids}`, fraction: () => fraction };
}
