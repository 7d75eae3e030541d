import { setImmediate as afterOtherWork } from 'node:timers/promises';
import { comeBack } from './come-back.js';
import type { FailureCounts } from './failures.js';
import { pooledKey } from './keys.js';
import type { LoadContext } from './loads.js';
import { lockCycle } from './lock-cycle.js';

const CONCURRENCY = 64;
/** ms that taking, giving back or visiting all keys may take. */
export const HOLD_MS = 120_000;

export interface HoldLoad {
  /** Locks that are taken, one a key. */
  readonly keys: number;
}

export interface HoldResult {
  /** From the first call to the last answer, ms. */
  readonly tookMs: number;
  readonly failures: FailureCounts;
}

export interface VisitLoad {
  /** The first one. */
  readonly from: number;
  /** Up to this one. */
  readonly keys: number;
}

/** What this process holds between `hold` and `letGo`. */
let held: unknown[] = [];

/** Takes locks and keeps them. */
export async function runHold({ locks, keyPrefix, failures }: LoadContext, { keys }: HoldLoad): Promise<HoldResult> {
  const startedAt = performance.now();
  await each(keys, async (index) => {
    try {
      held.push(await locks.acquire(pooledKey(keyPrefix, index)));
    } catch (error) {
      failures.add('acquire', error);
      await afterOtherWork();
    }
  });
  return { tookMs: performance.now() - startedAt, failures: failures.take() };
}

/** Gives back what `hold` took. */
export async function runLetGo({ locks, failures }: LoadContext): Promise<FailureCounts> {
  const all = held;
  held = [];
  await each(all.length, async (index) => {
    try {
      await locks.release(all[index]);
    } catch (error) {
      failures.add('release', error);
      await afterOtherWork();
    }
  });
  return failures.take();
}

/** Takes and gives back the lock of each of many keys once. */
export async function runVisit(context: LoadContext, { from, keys }: VisitLoad): Promise<FailureCounts> {
  const cycle = lockCycle(context);
  await each(keys - from, async (index) => {
    if (!(await cycle(pooledKey(context.keyPrefix, from + index)))) await afterOtherWork();
  });
  return context.failures.take();
}

async function each(count: number, call: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) await call(next++);
  };
  const stuck = await comeBack(Array.from({ length: CONCURRENCY }, work), HOLD_MS);
  if (stuck > 0) throw new Error('took too long');
}
