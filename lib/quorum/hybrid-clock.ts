import type { Clock } from '../runtime/clock.js';

const dayUs = 86_400_000_000;

/**
 * Numbers that only grow: `max(last + 1, now in µs)`. They are near the wall clock, so the common case needs one round
 * trip, but nothing depends on the clock being right: a member refuses a number that is not above its own, and the
 * client goes above that. Safe integers until the year 2255.
 *
 * @see docs/protocols/quorum.md#numbers-that-only-grow
 */
export class HybridClock {
  private last = 0;
  private offsetUs = 0;

  constructor(private readonly clock: Pick<Clock, 'wallUs'>) {}

  next(): number {
    this.last = Math.max(this.last + 1, this.clock.wallUs() + this.offsetUs);
    return this.last;
  }

  /** A member has seen this number: the next one is above it. */
  observe(seen: number): void {
    if (seen > this.last) this.last = seen;
  }

  /**
   * Members refused a number as over a day ahead of their clocks, so this machine's clock is wrong: go by theirs from
   * now on. Numbers that were refused everywhere are given up.
   */
  correct(memberUs: number): void {
    this.offsetUs = memberUs - this.clock.wallUs();
    if (this.last > memberUs + dayUs) this.last = memberUs;
  }
}
