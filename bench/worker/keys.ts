/** The key that a loop of a load uses in one of its turns. */
export type KeySource = (loop: number, turn: number) => string;

/** Keys in use at once by all loops of one load. */
export const KEY_POOL = 1000;
/** A prime, so that a loop comes to all keys of its share. */
const STRIDE = 7919;

/** Some of many keys, all over them: each loop takes every `STRIDE`-th of a share of its own. */
export function spreadKeys(prefix: string, concurrency: number, count: number): KeySource {
  const share = Math.max(1, Math.floor(count / concurrency));
  return (loop, turn) => pooledKey(prefix, loop * share + ((turn * STRIDE) % share));
}

/** The same keys for every load of a contender, each loop with a share of its own. */
export function pooledKeys(prefix: string, concurrency: number): KeySource {
  const share = Math.floor(KEY_POOL / concurrency);
  const keys = Array.from({ length: KEY_POOL }, (_, index) => pooledKey(prefix, index));
  return (loop, turn) => keys[loop * share + (turn % share)] ?? '';
}

/** @param index 0 to `KEY_POOL` - 1 for those that `pooledKeys` gives */
export function pooledKey(prefix: string, index: number): string {
  return `${prefix}:${index}`;
}

/** A new key in every turn. @param series differs for each load of a contender */
export function newKeys(prefix: string, series: string): KeySource {
  return (loop, turn) => `${prefix}:${series}:${loop}:${turn}`;
}
