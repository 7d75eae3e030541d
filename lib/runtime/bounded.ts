import type { Clock } from './clock.js';

/** Rejects with `message` when the promise takes over `timeout` ms; `onTimeout` then disposes of what it would give. */
export function bounded<T>(
  clock: Clock,
  promise: Promise<T>,
  timeout: number,
  message: string,
  onTimeout: () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(timeout, () => {
      reject(new Error(message));
      onTimeout();
    });
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}
