import type { Clock } from './clock.js';

/** Resolves after `delay` ms, or at once when the signal aborts. Never rejects: look at the signal afterwards. */
export function pause(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.schedule(delay, done, true);
    signal?.addEventListener('abort', done, { once: true });
  });
}
