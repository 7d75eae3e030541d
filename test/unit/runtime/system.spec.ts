import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/runtime/clock.js';
import { systemRandom } from '../../../lib/runtime/random.js';

describe('the system clock', () => {
  it('gives the wall clock in whole µs and monotonic time in ms', () => {
    const wallUs = systemClock.wallUs();
    expect(Number.isSafeInteger(wallUs)).toBe(true);
    expect(Math.abs(wallUs / 1000 - Date.now())).toBeLessThan(1000);
    expect(systemClock.now()).toBeLessThanOrEqual(systemClock.now());
  });

  it('calls back once after a delay, and not at all when cancelled', async () => {
    const fired: string[] = [];
    systemClock.schedule(1, () => fired.push('cancelled')).cancel();
    await new Promise<void>((resolve) => {
      systemClock.schedule(5, () => {
        fired.push('fired');
        resolve();
      });
    });
    expect(fired).toEqual(['fired']);
  });

  it('calls back after the turn once all that was resolved has run', async () => {
    const order: string[] = [];
    await Promise.resolve();
    systemClock.afterTurn(() => order.push('after the turn'));
    void Promise.resolve()
      .then(() => order.push('resolved'))
      .then(() => order.push('and what that resolved'));
    await new Promise(setImmediate);
    expect(order).toEqual(['resolved', 'and what that resolved', 'after the turn']);
  });
});

describe('the system randomness', () => {
  it('gives ids of 16 characters that go into Redis keys and logs as they are, each once', () => {
    const ids = Array.from({ length: 10_000 }, () => systemRandom.id());
    for (const id of ids) expect(id).toMatch(/^[\w-]{16}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives fractions from 0 to below 1', () => {
    for (let i = 0; i < 1000; i++) {
      const fraction = systemRandom.fraction();
      expect(fraction >= 0 && fraction < 1).toBe(true);
    }
  });
});
