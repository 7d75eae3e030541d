import { Inject } from '@nestjs/common';
import { InvalidOptionsError } from '../errors.js';
import type { LockService } from '../lock/lock.service.js';
import { allowed } from './messages.js';
import { getLockServiceToken } from './tokens.js';

/**
 * The property under which an instance carries the lock service of a group.
 *
 * A decorator runs long before there is an application, so a locked method finds its service through its instance: the
 * class declares an injected property, and Nest's injector fills it, for each instance in any scope, also of
 * subclasses, with the service of the application and module that the instance belongs to. An explorer alone could not
 * do that, as it never sees instances made per request; a static registry would let two applications meet. Where the
 * module is not imported, the application does not start, with Nest's own message about what it cannot resolve.
 */
export function lockServiceProperty(group: string): symbol {
  // its description stands in Nest's message when the service cannot be resolved
  return Symbol.for(`nestjs-majority-redis: LockService of group "${group}" for @WithMajorityLock()`);
}

/** Makes the injector give each instance of the class its lock service. */
export function injectLockServiceProperty(prototype: object, group: string): void {
  Inject(getLockServiceToken(group))(prototype, lockServiceProperty(group));
}

/** Gives the lock service to an instance that the injector did not make, and that has none yet. */
export function provideLockService(instance: object, group: string, locks: LockService): void {
  Object.defineProperty(instance, lockServiceProperty(group), { value: locks, configurable: true });
}

/** @throws InvalidOptionsError when the method was called on something that Nest did not make */
export function lockServiceOf(instance: unknown, group: string, method: string): LockService {
  const locks = findLockService(instance, group);
  if (locks === undefined)
    throw new InvalidOptionsError(`the instance of ${method}()`, allowed.caller, 'one made elsewhere');
  return locks;
}

export function findLockService(instance: unknown, group: string): LockService | undefined {
  if (typeof instance !== 'object' || instance === null) return undefined;
  return (instance as Record<symbol, LockService | undefined>)[lockServiceProperty(group)];
}
