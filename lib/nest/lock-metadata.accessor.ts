import type { LockKeySource } from './lock-key.js';
import { majorityLockMetadata } from './tokens.js';
import type { ResolvedWithMajorityLockOptions } from './with-majority-lock-options.js';

/** How a method is locked, as `@WithMajorityLock()` was told. */
export interface MajorityLockMetadata extends ResolvedWithMajorityLockOptions {
  readonly key: LockKeySource;
}

/**
 * The locks that a method takes, in the order in which it takes them; empty for a method without.
 *
 * @param method the function, for example `Seats.prototype.sell` or `context.getHandler()`
 */
export function getMajorityLockMetadata(method: object): readonly MajorityLockMetadata[] {
  return (Reflect.getMetadata(majorityLockMetadata, method) as MajorityLockMetadata[] | undefined) ?? [];
}

/** Adds a lock that is taken before those the method has already. */
export function addMajorityLockMetadata(method: object, lock: MajorityLockMetadata): void {
  Reflect.defineMetadata(majorityLockMetadata, Object.freeze([lock, ...getMajorityLockMetadata(method)]), method);
}
