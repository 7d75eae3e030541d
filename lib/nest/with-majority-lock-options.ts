import { InvalidOptionsError } from '../errors.js';
import type { LockOptions } from '../lock/lock-options.js';
import { resolveLockModuleOptions, resolveLockOptions } from '../lock/resolve-lock-options.js';
import { checkOneOf, show } from '../options/checks.js';
import { allowed } from './messages.js';
import { defaultGroup } from './tokens.js';

/**
 * What a call does when another holds the lock.
 * - `throw`: rejects with `LockUnavailableError`, at once or after `waitFor`.
 * - `wait`: the same, but waits 10000 ms when no `waitFor` is given.
 * - `skip`: the method is not called and the result is `undefined`, at once or after `waitFor`.
 */
export type OnBusy = 'throw' | 'wait' | 'skip';

/** Options of `@WithMajorityLock()`. What is not given here comes from the module's `lock` options. */
export interface WithMajorityLockOptions extends LockOptions {
  /** Name of the group that keeps the lock. @default 'default' */
  group?: string;
  /** What to do when another holds the lock. No quorum is an error with each of them. @default 'throw' */
  onBusy?: OnBusy;
}

/** All options of one decorated method. */
export interface ResolvedWithMajorityLockOptions {
  readonly group: string;
  readonly onBusy: OnBusy;
  /** What goes to the lock service with each call. */
  readonly lock: Readonly<LockOptions>;
}

/** The only place where the defaults stand. `waitForWithWait`: ms that `onBusy: 'wait'` waits without a `waitFor`. */
export const withMajorityLockDefaults = { group: defaultGroup, onBusy: 'throw', waitForWithWait: 10_000 } as const;

const ttlMaxMax = 86_400_000;

/** @throws InvalidOptionsError for what no group would accept, or a wait of 0 with `onBusy: 'wait'` */
export function resolveWithMajorityLockOptions(options: WithMajorityLockOptions): ResolvedWithMajorityLockOptions {
  const { group = withMajorityLockDefaults.group, onBusy = withMajorityLockDefaults.onBusy, ...lock } = options;
  if (typeof group !== 'string' || group === '') {
    throw new InvalidOptionsError('group of @WithMajorityLock()', allowed.group, show(group));
  }
  checkOneOf('onBusy of @WithMajorityLock()', onBusy, ['throw', 'wait', 'skip']);
  if (onBusy === 'wait') {
    lock.waitFor ??= withMajorityLockDefaults.waitForWithWait;
    if (lock.waitFor === 0) throw new InvalidOptionsError('waitFor of @WithMajorityLock()', allowed.waitFor, '0');
  }
  // all but ttlMax, which only the group knows, and whether the signal has aborted by the time of a call
  resolveLockOptions(resolveLockModuleOptions({ ttlMax: ttlMaxMax }), { ...lock, signal: undefined });
  return Object.freeze({ group, onBusy, lock: Object.freeze(lock) });
}
