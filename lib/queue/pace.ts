import type { Clock } from '../runtime/clock.js';

/** ms between messages from which on a consumer is idle in between: faster ones come several at a time. */
const idleMin = 2;
/** ms; what a longer pause counts as, so that the next messages that come fast are soon known for it. */
const gapMax = 20;
const newest = 0.25;

/** How fast messages come to a consumer. */
export class Pace {
  /** ms between messages, smoothed. */
  private gap = gapMax;
  private lastAt = -Infinity;

  constructor(private readonly clock: Clock) {}

  /** Whether it rests between messages, so that it pays to tell all members that it does. */
  get isSlow(): boolean {
    return this.gap >= idleMin;
  }

  /** Messages came. */
  note(): void {
    const now = this.clock.now();
    this.gap += (Math.min(now - this.lastAt, gapMax) - this.gap) * newest;
    this.lastAt = now;
  }
}
