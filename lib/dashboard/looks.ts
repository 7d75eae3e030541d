import {
  catchError,
  concat,
  defer,
  finalize,
  ignoreElements,
  map,
  of,
  repeat,
  shareReplay,
  switchMap,
  timer,
  type Observable,
} from 'rxjs';
import { systemClock } from '../runtime/clock.js';
import { Turns } from './turns.js';
import type { Listed } from './wire.js';

/** How many times as long as a look took the members are left alone after it, at least. */
const restFactor = 4;
/** The same of a search among everything there is, where what it has found can be looked at by itself meanwhile. */
const searchRestFactor = 19;

/** How things are that were found before; those that are gone are left out. */
export type LookAgain<T> = (found: readonly T[]) => Promise<readonly T[]>;

/** A list that was found, and ms until it is searched for anew. */
interface Found<T> {
  readonly list: Listed<T>;
  readonly rest: number;
}

/**
 * Looks again and again for what begins with a prefix while somebody is subscribed: one look for all who ask for the same,
 * and the latest one at once for each who comes later. A look that fails tells why, and the next one is tried.
 */
export class Looks<T> {
  private readonly shared = new Map<string, Observable<Listed<T>>>();
  private readonly searches = new Turns(restFactor);
  private readonly looksAgain = new Turns(restFactor);

  /**
   * @param interval ms from the end of one look to the next one, at least
   * @param lookAgain given when `search` walks through everything: then it searches rarely where that takes long, and
   * looks in between at what was found
   */
  constructor(
    private readonly search: (prefix: string, isWanted: () => boolean) => Promise<Listed<T>>,
    private readonly interval: number,
    private readonly lookAgain?: LookAgain<T>,
  ) {}

  /** To be subscribed to at once. */
  for(prefix: string): Observable<Listed<T>> {
    const shared = this.shared.get(prefix) ?? this.share(prefix);
    this.shared.set(prefix, shared);
    return shared;
  }

  private share(prefix: string): Observable<Listed<T>> {
    return this.searchesFor(prefix).pipe(
      switchMap(({ list, rest }) => this.follow(list, rest)),
      finalize(() => this.shared.delete(prefix)),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
  }

  private searchesFor(prefix: string): Observable<Found<T>> {
    let rest = this.interval;
    return this.searches
      .take(async (isWanted): Promise<Found<T>> => {
        rest = this.interval;
        const startedAt = systemClock.now();
        const list = await this.search(prefix, isWanted);
        if (this.lookAgain) rest = Math.max(rest, (systemClock.now() - startedAt) * searchRestFactor);
        return { list, rest };
      })
      .pipe(
        catchError((error: unknown) => of({ list: failed<T>(error), rest })),
        repeat({ delay: () => timer(rest) }),
      );
  }

  /** What was found, and how that is from time to time, until there is a list that was found later. */
  private follow(list: Listed<T>, rest: number): Observable<Listed<T>> {
    const { lookAgain } = this;
    // what comes as soon as the next search need not be looked at before
    if (!lookAgain || list.error !== undefined || rest <= this.interval) return of(list);
    const foundAt = systemClock.now();
    const pause = timer(this.interval).pipe(ignoreElements());
    const again = this.looksAgain
      .take(() => lookAgain(list.items))
      .pipe(
        map((items) => ({ ...list, items, age: Math.round(systemClock.now() - foundAt) })),
        catchError((error: unknown) => of(failed<T>(error))),
      );
    return concat(of(list), defer(() => concat(pause, again)).pipe(repeat()));
  }
}

function failed<T>(error: unknown): Listed<T> {
  return { items: [], hasMore: false, error: error instanceof Error ? error.message : String(error) };
}
