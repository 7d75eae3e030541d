import 'reflect-metadata';
import type { Observable } from 'rxjs';
import { InvalidOptionsError } from '../errors.js';
import { show } from '../options/checks.js';
import { callLocked } from './call-locked.js';
import { copyMetadata } from './copy-metadata.js';
import { compileLockKey } from './lock-key.js';
import type { LockKeySource } from './lock-key.js';
import { addMajorityLockMetadata } from './lock-metadata.accessor.js';
import { injectLockServiceProperty, lockServiceOf } from './lock-service.property.js';
import { allowed } from './messages.js';
import { observeLocked } from './observe-locked.js';
import { openScope } from './open-scope.js';
import type { OpenScope } from './open-scope.js';
import { resolveWithMajorityLockOptions } from './with-majority-lock-options.js';
import type { WithMajorityLockOptions } from './with-majority-lock-options.js';

// oxlint-disable-next-line typescript/no-explicit-any
type Method = (...args: any[]) => unknown;

/**
 * Calls the method under a lock: on controllers and providers of any scope, above or below other decorators.
 *
 * The method becomes async. One that returns an Observable holds the lock until that completes, fails or is
 * unsubscribed; when it is declared to return `Observable`, it still returns one, and each subscription calls the
 * method under a lock of its own. Inside, `LockService.current()` gives the lock with its fencing token and its signal.
 * What the method throws reaches the caller as it is. A call chain that holds the lock already goes straight on.
 *
 * ```ts
 * @WithMajorityLock('seat:{0}', { ttl: 5000, onBusy: 'wait', waitFor: 2000 })
 * async sell(seatId: string) {}
 * ```
 *
 * @param key one key, or several that are taken all or none. `{0}` stands for the first argument, `{1.id}` for a
 * property of the second; it must be a string, a finite number, a bigint or a boolean. Or a function of the arguments.
 * @param options those of `acquire()`, `group` and `onBusy`
 * @throws InvalidOptionsError where it decorates, for a bad key, bad options or what is no method. The method itself
 * rejects with LockUnavailableError, NoQuorumError or InvalidOptionsError when it cannot get the lock.
 * @see docs/guides/nest.md#lock-a-method
 */
export function WithMajorityLock(key: LockKeySource, options: WithMajorityLockOptions = {}): MethodDecorator {
  const keyOf = compileLockKey(key);
  const resolved = resolveWithMajorityLockOptions(options);
  return (target: object, name: string | symbol, descriptor?: PropertyDescriptor) => {
    const method: unknown = descriptor?.value;
    if (typeof target === 'function' || descriptor === undefined || !isMethod(method)) {
      throw new InvalidOptionsError('target of @WithMajorityLock()', allowed.target, show(String(name)));
    }
    const title = `${target.constructor.name}.${String(name)}`;
    const returnsObservable = isObservableType(Reflect.getMetadata('design:returntype', target, name));

    // A proxy, so that name, length and own properties stay those of the method
    const locked = new Proxy(method, {
      apply(original, self: unknown, args: unknown[]) {
        const open: OpenScope = async (signal) =>
          openScope(lockServiceOf(self, resolved.group, title), keyOf(args), resolved, signal);
        const call = (): unknown => Reflect.apply(original, self, args);
        return returnsObservable ? observeLocked(open, call as () => Observable<unknown>) : callLocked(open, call);
      },
    });
    // what decorators above write goes to the proxy, as it is the method from now on
    copyMetadata(method, locked);
    addMajorityLockMetadata(locked, Object.freeze({ ...resolved, key }));
    injectLockServiceProperty(target, resolved.group);
    descriptor.value = locked;
  };
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

/** By shape, as two copies of rxjs may meet. */
function isObservableType(type: unknown): boolean {
  const prototype: unknown = typeof type === 'function' ? type.prototype : undefined;
  return typeof prototype === 'object' && prototype !== null && 'subscribe' in prototype && 'pipe' in prototype;
}
