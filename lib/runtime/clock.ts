/** A timer that has not fired yet. Cancelling one that has is harmless. */
export interface Timer {
  cancel(): void;
}

/** Time as the protocols see it. A simulation passes one with virtual time. */
export interface Clock {
  /** Wall clock, µs since 1970. Only for numbers that grow; nothing is measured with it. */
  wallUs(): number;
  /** Monotonic ms with fractions, from an arbitrary start. Leases and time-outs are measured with it. */
  now(): number;
  /** Calls back once after `delay` ms. A timer that is only housekeeping does not keep the process alive. */
  schedule(delay: number, callback: () => void, housekeeping?: boolean): Timer;
  /** Calls back after the code that runs now, and all that it has already resolved, is through. */
  afterTurn(callback: () => void): void;
}

/** The process' own clock. */
export const systemClock: Clock = {
  wallUs: () => Date.now() * 1000,
  now: () => performance.now(),
  schedule(delay, callback, housekeeping = false) {
    const handle = setTimeout(callback, delay);
    if (housekeeping) handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  // nextTick from inside a promise job runs once all promise jobs are through, still before any I/O
  afterTurn: (callback) => process.nextTick(callback),
};
