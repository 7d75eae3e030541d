import { catchError, finalize, of, repeat, shareReplay, timer, type Observable } from 'rxjs';
import { Turns } from './turns.js';
import type { Listed } from './wire.js';

/** How many times as long as a look took the members are left alone after it, at least. */
const restFactor = 4;

/**
 * Looks again and again for what begins with a prefix while somebody is subscribed: one look for all who ask for the same,
 * and the latest one at once for each who comes later. A look that fails tells why, and the next one is tried.
 */
export class Looks<T> {
  private readonly shared = new Map<string, Observable<Listed<T>>>();
  private readonly turns = new Turns(restFactor);

  /** @param interval ms from the end of one look to the next one, at least */
  constructor(
    private readonly look: (prefix: string, isWanted: () => boolean) => Promise<Listed<T>>,
    private readonly interval: number,
  ) {}

  /** To be subscribed to at once. */
  for(prefix: string): Observable<Listed<T>> {
    const shared = this.shared.get(prefix) ?? this.share(prefix);
    this.shared.set(prefix, shared);
    return shared;
  }

  private share(prefix: string): Observable<Listed<T>> {
    return this.turns
      .take((isWanted) => this.look(prefix, isWanted))
      .pipe(
        catchError((error: unknown) => of({ items: [], hasMore: false, error: messageOf(error) })),
        repeat({ delay: () => timer(this.interval) }),
        finalize(() => this.shared.delete(prefix)),
        shareReplay({ bufferSize: 1, refCount: true }),
      );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
