import { pooledKeys } from './keys.js';
import type { LoadContext } from './loads.js';
import { lockCycle } from './lock-cycle.js';
import { measureSlice, type SliceLoad, type SliceResult } from './slice.js';

/** Locks taken and given back, on free keys. */
export function runUncontended(context: LoadContext, load: SliceLoad): Promise<SliceResult> {
  return measureSlice(lockCycle(context), pooledKeys(context.keyPrefix, load.concurrency), load, context.failures);
}
