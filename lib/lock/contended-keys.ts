import type { Clock } from '../runtime/clock.js';

/** ms after which all members are asked first again: it keeps the note that somebody waits alive at all of them. */
const rememberFor = 1000;
/** Keys that are remembered at most. */
const countMax = 10_000;

/** The keys that others were just seen to hold: whoever waits for one need not find it out again. */
export class ContendedKeys {
  /** Until when, `clock.now()`; the oldest first. */
  private readonly until = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  note(key: string): void {
    this.until.delete(key);
    this.until.set(key, this.clock.now() + rememberFor);
    if (this.until.size > countMax) this.until.delete(this.until.keys().next().value!);
  }

  has(key: string): boolean {
    const until = this.until.get(key);
    if (until === undefined) return false;
    if (until > this.clock.now()) return true;
    this.until.delete(key);
    return false;
  }
}
