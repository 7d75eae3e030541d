import { describe, expect, it } from 'vitest';
import { backoffDelay, delayMax } from '../../../lib/queue/backoff.js';
import { countingRandom } from '../../support/counting-random.js';

describe('the rest before the next attempt', () => {
  it('is always the same when it is fixed', () => {
    const delays = [1, 2, 10, 1000].map((attempt) =>
      backoffDelay({ type: 'fixed', delay: 70 }, attempt, countingRandom()),
    );
    expect(delays).toEqual([70, 70, 70, 70]);
  });

  it('doubles with each attempt up to its max when it is exponential', () => {
    const backoff = { type: 'exponential', delay: 100, max: 1000 } as const;
    const delays = [1, 2, 3, 4, 5, 1000].map((attempt) => backoffDelay(backoff, attempt, countingRandom()));
    expect(delays).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('is never above a year, however many attempts there were', () => {
    for (const attempt of [40, 1000, 10_000]) {
      expect(backoffDelay({ type: 'exponential', delay: 1000 }, attempt, countingRandom())).toBe(delayMax);
    }
    expect(backoffDelay({ type: 'exponential', delay: 0 }, 10_000, countingRandom())).toBe(0);
  });

  it('is made shorter by chance, up to the part that jitter names, and is a whole number', () => {
    const of = (jitter: number, fraction: number): number =>
      backoffDelay({ type: 'fixed', delay: 1001, jitter }, 1, countingRandom(fraction));
    expect([of(0.5, 0), of(0.5, 0.5), of(0.5, 1)]).toEqual([1001, 751, 501]);
    expect([of(1, 1), of(0, 0.9)]).toEqual([0, 1001]);
  });
});
