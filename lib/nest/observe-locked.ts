import { defer, Observable, takeWhile } from 'rxjs';
import type { Subscriber } from 'rxjs';
import type { LockScope } from '../lock/lock-scope.js';
import { systemClock } from '../runtime/clock.js';
import type { OpenScope } from './open-scope.js';

/**
 * The same Observable, but each subscription takes the lock first and holds it until the source completes or fails,
 * and is told so once the lock is released, or until it unsubscribes. A skipped one emits `undefined` and completes.
 */
export function observeLocked(open: OpenScope, source: () => Observable<unknown>): Observable<unknown> {
  return new Observable((subscriber) => {
    const unsubscribed = new AbortController();
    subscriber.add(() => unsubscribed.abort());
    open(unsubscribed.signal).then(
      (scope) => (scope === undefined ? skip(subscriber) : follow(scope, source, subscriber)),
      (error: unknown) => subscriber.error(error),
    );
  });
}

/**
 * An Observable whose lock is held already: the first subscription takes it over, later ones take the lock anew. If
 * nobody subscribes within the validity left, it is released, as an Observable that is dropped must not keep it forever.
 */
export function observeUnder(held: LockScope, source: Observable<unknown>, open: OpenScope): Observable<unknown> {
  let waiting: LockScope | undefined = held;
  const take = (): LockScope | undefined => {
    unclaimed.cancel();
    const scope = waiting;
    waiting = undefined;
    return scope;
  };
  const unclaimed = systemClock.schedule(held.lock.remaining, () => void take()?.close(), true);
  return observeLocked(
    async (signal) => take() ?? (await open(signal)),
    () => source,
  );
}

function skip(subscriber: Subscriber<unknown>): void {
  // not empty: Nest's router answers a request with the last value, and with an error if there is none
  subscriber.next(undefined);
  subscriber.complete();
}

function follow(scope: LockScope, source: () => Observable<unknown>, subscriber: Subscriber<unknown>): void {
  if (subscriber.closed) return void scope.close();
  // takeWhile: a source that emits while it is being subscribed cannot be unsubscribed yet
  const whileWanted = defer(source).pipe(takeWhile(() => !subscriber.closed));
  const subscription = scope.run(() =>
    whileWanted.subscribe({
      next: (value) => subscriber.next(value),
      error: (error: unknown) => void scope.close().then(() => subscriber.error(error)),
      complete: () => void scope.close().then(() => subscriber.complete()),
    }),
  );
  // in this order: first the source ends, then its lock
  subscriber.add(subscription);
  subscriber.add(() => void scope.close());
}
