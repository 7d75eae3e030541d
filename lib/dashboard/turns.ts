import { Observable, timer, type Subscriber } from 'rxjs';
import { systemClock } from '../runtime/clock.js';

/** Something that asks the members. @param isWanted whether somebody still waits for what it finds */
export type Look<T> = (isWanted: () => boolean) => Promise<T>;

/**
 * Lets one look at a time go to the members, in the order in which they were asked for, with a rest after each: whatever
 * is looked for, and by how many, watching never is most of the load.
 */
export class Turns {
  private last: Promise<void> = Promise.resolve();
  private restsUntil = 0;

  /** @param restFactor how many times as long as a look took the members are left alone after it */
  constructor(private readonly restFactor: number) {}

  /** Emits what the look finds, once. Who unsubscribes before their turn has come costs nothing. */
  take<T>(look: Look<T>): Observable<T> {
    return new Observable((subscriber) => {
      this.last = this.last.then(() => this.go(look, subscriber));
    });
  }

  private async go<T>(look: Look<T>, subscriber: Subscriber<T>): Promise<void> {
    await this.rest(subscriber);
    if (subscriber.closed) return;
    const startedAt = systemClock.now();
    try {
      subscriber.next(await look(() => !subscriber.closed));
      const endedAt = systemClock.now();
      this.restsUntil = endedAt + (endedAt - startedAt) * this.restFactor;
      subscriber.complete();
    } catch (error) {
      // a look that fails has waited and not worked, so there is no rest
      subscriber.error(error);
    }
  }

  private rest(subscriber: Subscriber<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const pause = timer(Math.max(0, this.restsUntil - systemClock.now())).subscribe(() => resolve());
      subscriber.add(() => {
        pause.unsubscribe();
        resolve();
      });
    });
  }
}
