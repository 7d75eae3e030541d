import type { Scheduler } from './scheduler.js';

/** How one machine's clock is wrong. */
export interface ClockFault {
  /** ms that its wall clock is off. */
  readonly offset: number;
  /** How fast it runs; leases rely on rates that differ by at most 1 %. */
  readonly rate: number;
}

/** Wall clock of the simulated world at its start: µs since 1970. */
const epochUs = 1_700_000_000_000_000;

/** One machine's clock. */
export class MachineClock {
  private shifted = 0;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly fault: ClockFault,
  ) {}

  /** Monotonic ms from an arbitrary start. */
  now(): number {
    return this.scheduler.now * this.fault.rate;
  }

  wallUs(): number {
    return epochUs + Math.floor((this.fault.offset + this.shifted + this.now()) * 1000);
  }

  /** Somebody sets the wall clock; monotonic time does not notice. */
  shift(ms: number): void {
    this.shifted += ms;
  }

  /** Virtual ms in which this clock advances by so many. */
  virtual(ms: number): number {
    return ms / this.fault.rate;
  }
}
