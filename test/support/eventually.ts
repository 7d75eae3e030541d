import { setTimeout as pause } from 'node:timers/promises';

export interface EventuallyOptions {
  /** ms until it gives up; default 10 000. */
  within?: number;
  /** ms between two looks; default 10. */
  every?: number;
}

/**
 * Looks again and again until the condition holds. It holds when it returns, or resolves with, anything but `false`,
 * `undefined` and `null`; a condition that throws (an `expect` in it, say) does not hold yet.
 *
 * @returns what the condition returned
 * @throws Error that says how long it was tried; `cause` is what the condition threw last
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  { within = 10_000, every = 10 }: EventuallyOptions = {},
): Promise<Exclude<T, false | undefined | null>> {
  const deadline = performance.now() + within;
  for (;;) {
    let seen: unknown;
    try {
      const value = await condition();
      if (value !== false && value !== undefined && value !== null) {
        return value as Exclude<T, false | undefined | null>;
      }
      seen = new Error(`the condition was ${String(value)}`);
    } catch (error) {
      seen = error;
    }
    if (performance.now() >= deadline) {
      const last = seen instanceof Error ? seen.message : String(seen);
      throw new Error(`not within ${within} ms: ${last}`, { cause: seen });
    }
    await pause(every);
  }
}
