import type { Clock } from '../runtime/clock.js';

/**
 * The clock of in-memory groups, for tests that replace the timers: time is what `Date` says, as all fake timers move
 * that, but it never goes back, so that it does not matter when they are put in and taken out. What waits for no time
 * needs no timer, so an operation resolves without moving the fake ones.
 */
export function createMemoryClock(): Clock {
  let seen = Date.now();
  let time = seen;
  const now = (): number => {
    const date = Date.now();
    time += Math.max(0, date - seen);
    seen = date;
    return time;
  };
  let lastUs = 0;
  return {
    now,
    // as on a real server, what is asked later has a later time, though `Date` knows no parts of a ms
    wallUs: () => (lastUs = Math.max(now() * 1000, Math.min(lastUs + 1, now() * 1000 + 999))),
    schedule(delay, callback, housekeeping = false) {
      // both of one kind: real timers may be gone when this one is cancelled
      const { setTimeout, clearTimeout } = globalThis;
      let isCancelled = false;
      const handle = setTimeout(() => {
        if (!isCancelled) callback();
      }, delay);
      if (housekeeping) handle.unref?.();
      return {
        cancel() {
          isCancelled = true;
          clearTimeout(handle);
        },
      };
    },
    afterTurn: (callback) => void callLater(callback),
  };
}

/** By a promise, as some fake timers replace nextTick and queueMicrotask too. */
async function callLater(callback: () => void): Promise<void> {
  await Promise.resolve();
  callback();
}
