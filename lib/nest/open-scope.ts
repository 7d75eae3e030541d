import { isMajorityRedisError } from '../errors.js';
import type { LockScope } from '../lock/lock-scope.js';
import type { LockService } from '../lock/lock.service.js';
import type { ResolvedWithMajorityLockOptions } from './with-majority-lock-options.js';

/** Takes the lock of one call; `undefined` when another holds it and the call is to be skipped. */
export type OpenScope = (signal?: AbortSignal) => Promise<LockScope | undefined>;

/** @param signal ends the wait for the lock, besides the signal that the options may hold */
export async function openScope(
  locks: LockService,
  key: string | readonly string[],
  { lock, onBusy }: ResolvedWithMajorityLockOptions,
  signal?: AbortSignal,
): Promise<LockScope | undefined> {
  try {
    return await locks.openScope(key, { ...lock, signal: eitherSignal(lock.signal, signal) });
  } catch (error) {
    if (onBusy === 'skip' && isMajorityRedisError(error) && error.code === 'LOCK_UNAVAILABLE') return undefined;
    throw error;
  }
}

function eitherSignal(one?: AbortSignal, other?: AbortSignal): AbortSignal | undefined {
  return one !== undefined && other !== undefined ? AbortSignal.any([one, other]) : (one ?? other);
}
