import { catchError, defer, of, repeat, shareReplay, timer, type Observable } from 'rxjs';
import { systemClock } from '../runtime/clock.js';
import type { Listed } from './wire.js';

/** How many times as long as a look took the members are left alone after it, at least. */
const restFactor = 4;

/**
 * Looks again and again while somebody is subscribed: one look for all subscribers, and the latest one at once for each
 * who comes later. A look that takes long is followed by a longer rest, so that watching never is most of the load. A
 * look that fails tells why, and the next one is tried.
 *
 * @param interval ms from the end of one look to the next one, at least
 */
export function poll<T>(look: () => Promise<Listed<T>>, interval: number): Observable<Listed<T>> {
  let rest = interval;
  return defer(async () => {
    const startedAt = systemClock.now();
    // a look that fails has waited and not worked
    rest = interval;
    const listed = await look();
    rest = Math.max(interval, (systemClock.now() - startedAt) * restFactor);
    return listed;
  }).pipe(
    catchError((error: unknown) => of({ items: [], hasMore: false, error: messageOf(error) })),
    repeat({ delay: () => timer(rest) }),
    shareReplay({ bufferSize: 1, refCount: true }),
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
