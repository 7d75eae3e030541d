import { setTimeout as pause } from 'node:timers/promises';

export interface StaysOptions {
  /** ms that the condition must hold. */
  for: number;
  /** ms between two looks; default 10. */
  every?: number;
}

/**
 * Looks again and again, for a while, that the condition holds: for what must not happen.
 *
 * @throws Error at the first look at which it returns, or resolves with, `false`; what the condition throws
 */
export async function stays(
  condition: () => boolean | Promise<boolean>,
  { for: duration, every = 10 }: StaysOptions,
): Promise<void> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < duration) {
    if (!(await condition())) {
      throw new Error(`ended after ${Math.round(performance.now() - startedAt)} of ${duration} ms`);
    }
    await pause(every);
  }
}
