import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { poll } from '../../../lib/dashboard/poll.js';
import type { Listed } from '../../../lib/dashboard/wire.js';

/** A look that takes `took` ms and counts itself. */
function look(took = 0) {
  const counter = { looks: 0 };
  const run = async (): Promise<Listed<number>> => {
    counter.looks += 1;
    const items = [counter.looks];
    await new Promise((resolve) => setTimeout(resolve, took));
    return { items, hasMore: false };
  };
  return { counter, run };
}

describe('poll', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('looks for nobody', async () => {
    const { counter, run } = look();
    poll(run, 1000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(counter.looks).toBe(0);
  });

  it('looks once for all who watch, and gives a later one what was seen last at once', async () => {
    const { counter, run } = look();
    const polled = poll(run, 1000);
    const seen: number[][] = [[], []];
    const first = polled.subscribe(({ items }) => seen[0]!.push(...items));
    await vi.advanceTimersByTimeAsync(1500);
    expect(counter.looks).toBe(2);
    const second = polled.subscribe(({ items }) => seen[1]!.push(...items));
    expect(seen).toEqual([[1, 2], [2]]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(counter.looks).toBe(3);
    first.unsubscribe();
    second.unsubscribe();
  });

  it('stops with the last who watches, and begins anew with the next', async () => {
    const { counter, run } = look();
    const polled = poll(run, 1000);
    const watching = polled.subscribe();
    await vi.advanceTimersByTimeAsync(500);
    watching.unsubscribe();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(counter.looks).toBe(1);
    const seen: number[] = [];
    const again = polled.subscribe(({ items }) => seen.push(...items));
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual([2]);
    again.unsubscribe();
  });

  it('rests four times as long as a look took', async () => {
    const { counter, run } = look(2000);
    const watching = poll(run, 1000).subscribe();
    await vi.advanceTimersByTimeAsync(9_900);
    expect(counter.looks).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(counter.looks).toBe(2);
    watching.unsubscribe();
  });

  it('tells why a look failed, and tries the next one after the interval', async () => {
    let looks = 0;
    const seen: (string | undefined)[] = [];
    const failing = async (): Promise<Listed<number>> => {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      if (++looks === 1) throw new Error('no quorum');
      return { items: [1], hasMore: false };
    };
    const watching = poll(failing, 1000).subscribe(({ error }) => seen.push(error));
    await vi.advanceTimersByTimeAsync(5_100);
    expect(seen).toEqual(['no quorum', undefined]);
    watching.unsubscribe();
  });
});
