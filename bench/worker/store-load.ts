import { comeBack } from './come-back.js';
import type { Cycle } from './cycle-loop.js';
import type { FailureCounts } from './failures.js';
import { type KeySource, newKeys, pooledKey, pooledKeys, spreadKeys } from './keys.js';
import type { LoadContext } from './loads.js';
import { measureSlice, type SliceLoad, type SliceResult } from './slice.js';

/** Sets in flight while keys are filled. */
const FILL_CONCURRENCY = 64;
/** ms that filling may take. */
export const FILL_MS = 120_000;

export interface StoreLoad extends SliceLoad {
  readonly operation: 'get' | 'set';
  /** Bytes of a value that is set. */
  readonly valueBytes: number;
  /** Every call has a key that nobody has used, the names of a load begin with this; missing: the pool of keys. */
  readonly newKeys?: string;
  /** Any of so many keys; missing: the pool of keys. */
  readonly keys?: number;
}

export interface FillLoad {
  /** The first one; default 0. */
  readonly from?: number;
  /** Up to this one. */
  readonly keys: number;
  readonly valueBytes: number;
}

/** Gets or sets, each loop on keys of its own. */
export function runStore(context: LoadContext, load: StoreLoad): Promise<SliceResult> {
  const { keyPrefix, failures } = context;
  return measureSlice(storeCycle(context, load), keysOf(load, keyPrefix), load, failures);
}

function keysOf({ newKeys: series, keys, concurrency }: StoreLoad, prefix: string): KeySource {
  if (series !== undefined) return newKeys(prefix, series);
  return keys === undefined ? pooledKeys(prefix, concurrency) : spreadKeys(prefix, concurrency, keys);
}

/** Sets each of the first keys of the pool, and of more than these, once. */
export async function runFill(context: LoadContext, { from = 0, keys, valueBytes }: FillLoad): Promise<FailureCounts> {
  const set = storeCycle(context, { operation: 'set', valueBytes });
  let next = from;
  const fill = async () => {
    while (next < keys) await set(pooledKey(context.keyPrefix, next++));
  };
  const unfinished = await comeBack(Array.from({ length: FILL_CONCURRENCY }, fill), FILL_MS);
  if (unfinished > 0) context.failures.add('fill', new Error('took too long'));
  return context.failures.take();
}

function storeCycle({ store, failures }: LoadContext, load: Pick<StoreLoad, 'operation' | 'valueBytes'>): Cycle {
  const value = 'v'.repeat(load.valueBytes);
  const call = load.operation === 'get' ? (key: string) => store.get(key) : (key: string) => store.set(key, value);
  return async (key) => {
    try {
      await call(key);
      return true;
    } catch (error) {
      failures.add(load.operation, error);
      return false;
    }
  };
}
