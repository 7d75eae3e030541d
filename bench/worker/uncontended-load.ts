import { pooledKeys, spreadKeys } from './keys.js';
import type { LoadContext } from './loads.js';
import { lockCycle } from './lock-cycle.js';
import { measureSlice, type SliceLoad, type SliceResult } from './slice.js';

export interface UncontendedLoad extends SliceLoad {
  /** Any of so many keys; missing: the pool of keys. */
  readonly keys?: number;
}

/** Locks taken and given back, on free keys. */
export function runUncontended(context: LoadContext, load: UncontendedLoad): Promise<SliceResult> {
  const { keyPrefix, failures } = context;
  const { keys, concurrency } = load;
  const source = keys === undefined ? pooledKeys(keyPrefix, concurrency) : spreadKeys(keyPrefix, concurrency, keys);
  return measureSlice(lockCycle(context), source, load, failures);
}
