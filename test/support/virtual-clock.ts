import type { Clock, Timer } from '../../lib/runtime/clock.js';

interface Alarm {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. What became due runs in the order of its time. */
export class VirtualClock implements Clock {
  private readonly alarms = new Set<Alarm>();
  private time = 0;
  private wallOffsetMs = 1_700_000_000_000;

  wallUs(): number {
    return (this.time + this.wallOffsetMs) * 1000;
  }

  now(): number {
    return this.time;
  }

  schedule(delay: number, callback: () => void): Timer {
    const alarm = { at: this.time + delay, callback };
    this.alarms.add(alarm);
    return { cancel: () => void this.alarms.delete(alarm) };
  }

  afterTurn(callback: () => void): void {
    process.nextTick(callback);
  }

  /** Timers that have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.alarms.size;
  }

  /** Somebody sets the wall clock; monotonic time does not notice. */
  shiftWall(ms: number): void {
    this.wallOffsetMs += ms;
  }

  /** Time passes while the process is paused: nothing runs before the next `advance()`. */
  pause(ms: number): void {
    this.time += ms;
  }

  /** Runs all that is resolved already, without any time passing. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets time pass; timers fire at their own moments, and all that they resolve runs before the next one. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await this.settle();
    for (let next = this.nextUntil(end); next; next = this.nextUntil(end)) {
      this.alarms.delete(next);
      this.time = Math.max(this.time, next.at);
      next.callback();
      await this.settle();
    }
    this.time = end;
  }

  /** The earliest alarm; of those for one moment the one that was set first. */
  private nextUntil(end: number): Alarm | undefined {
    let earliest: Alarm | undefined;
    for (const alarm of this.alarms) {
      if (alarm.at <= end && (!earliest || alarm.at < earliest.at)) earliest = alarm;
    }
    return earliest;
  }
}
