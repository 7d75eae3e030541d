import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Looks } from '../../../lib/dashboard/looks.js';
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

describe('Looks', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('looks for nobody', async () => {
    const { counter, run } = look();
    new Looks(run, 1000).for('');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(counter.looks).toBe(0);
  });

  it('looks once for all who watch, and gives a later one what was seen last at once', async () => {
    const { counter, run } = look();
    const looks = new Looks(run, 1000);
    const seen: number[][] = [[], []];
    const first = looks.for('').subscribe(({ items }) => seen[0]!.push(...items));
    await vi.advanceTimersByTimeAsync(1500);
    expect(counter.looks).toBe(2);
    const second = looks.for('').subscribe(({ items }) => seen[1]!.push(...items));
    expect(seen).toEqual([[1, 2], [2]]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(counter.looks).toBe(3);
    first.unsubscribe();
    second.unsubscribe();
  });

  it('stops with the last who watches, and begins anew with the next', async () => {
    const { counter, run } = look();
    const looks = new Looks(run, 1000);
    const watching = looks.for('').subscribe();
    await vi.advanceTimersByTimeAsync(500);
    watching.unsubscribe();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(counter.looks).toBe(1);
    const seen: number[] = [];
    const again = looks.for('').subscribe(({ items }) => seen.push(...items));
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual([2]);
    again.unsubscribe();
  });

  it('rests four times as long as a look took', async () => {
    const { counter, run } = look(2000);
    const watching = new Looks(run, 1000).for('').subscribe();
    await vi.advanceTimersByTimeAsync(9_900);
    expect(counter.looks).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(counter.looks).toBe(2);
    watching.unsubscribe();
  });

  it('tells why a look failed, and tries the next one after the interval', async () => {
    let count = 0;
    const seen: (string | undefined)[] = [];
    const failing = async (): Promise<Listed<number>> => {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      if (++count === 1) throw new Error('no quorum');
      return { items: [1], hasMore: false };
    };
    const watching = new Looks(failing, 1000).for('').subscribe(({ error }) => seen.push(error));
    await vi.advanceTimersByTimeAsync(5_100);
    expect(seen).toEqual(['no quorum', undefined]);
    watching.unsubscribe();
  });

  it('lets one look at a time go, whatever is looked for, and rests as long as if there were one', async () => {
    let running = 0;
    let worked = 0;
    let together = 0;
    const slow = async (prefix: string): Promise<Listed<string>> => {
      together = Math.max(together, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      worked += 1000;
      running -= 1;
      return { items: [prefix], hasMore: false };
    };
    const looks = new Looks(slow, 250);
    const seen = new Set<string>();
    const watching = Array.from({ length: 10 }, (_, i) =>
      looks.for(`prefix ${i}`).subscribe(({ items }) => items.forEach((item) => seen.add(item))),
    );
    await vi.advanceTimersByTimeAsync(100_000);
    expect(together).toBe(1);
    expect(worked).toBeLessThanOrEqual(20_000);
    // each had its turn
    expect(seen.size).toBe(10);
    for (const one of watching) one.unsubscribe();
  });

  it('spends nothing on those who left before their turn came', async () => {
    const { counter, run } = look(1000);
    const looks = new Looks(run, 250);
    const first = looks.for('a').subscribe();
    // somebody types
    for (const prefix of ['b', 'bc', 'bcd']) looks.for(prefix).subscribe().unsubscribe();
    const seen: number[] = [];
    const last = looks.for('bcde').subscribe(({ items }) => seen.push(...items));
    await vi.advanceTimersByTimeAsync(1000);
    first.unsubscribe();
    await vi.advanceTimersByTimeAsync(5000);
    expect(seen).toEqual([2]);
    expect(counter.looks).toBe(2);
    last.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells a look when nobody waits for it any more', async () => {
    const asked: boolean[] = [];
    const looks = new Looks<number>(async (_, isWanted) => {
      for (let step = 0; step < 3; step++) {
        asked.push(isWanted());
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return { items: [], hasMore: false };
    }, 250);
    const watching = looks.for('').subscribe();
    await vi.advanceTimersByTimeAsync(150);
    watching.unsubscribe();
    await vi.advanceTimersByTimeAsync(200);
    expect(asked).toEqual([true, true, false]);
  });

  describe('that search through everything', () => {
    /** Searches that take `took` ms, and looks at what they found that take 10. */
    function searching(took: number) {
      const counter = { searches: 0, again: 0, together: 0, running: 0 };
      const search = async (): Promise<Listed<string>> => {
        await new Promise((resolve) => setTimeout(resolve, took));
        return { items: [`found ${++counter.searches}`, 'gone'], hasMore: true };
      };
      const lookAgain = async (found: readonly string[]): Promise<readonly string[]> => {
        counter.again += 1;
        counter.together = Math.max(counter.together, ++counter.running);
        await new Promise((resolve) => setTimeout(resolve, 10));
        counter.running -= 1;
        return found.filter((item) => item !== 'gone');
      };
      return { counter, looks: new Looks(search, 1000, lookAgain) };
    }

    it('search a twentieth of the time, and look at what was found each interval meanwhile', async () => {
      const { counter, looks } = searching(2000);
      const seen: Listed<string>[] = [];
      const watching = looks.for('').subscribe((list) => seen.push(list));
      await vi.advanceTimersByTimeAsync(39_000);
      expect(counter.searches).toBe(1);
      expect(counter.again).toBeGreaterThan(30);
      expect(seen[0]).toEqual({ items: ['found 1', 'gone'], hasMore: true });
      expect(seen[1]).toEqual({ items: ['found 1'], hasMore: true, age: expect.closeTo(1010, -1) });
      expect(seen.at(-1)!.age).toBeGreaterThan(30_000);
      await vi.advanceTimersByTimeAsync(4000);
      expect(counter.searches).toBe(2);
      expect(seen.filter(({ age }) => age === undefined).length).toBe(2);
      expect(seen.at(-1)!.items).toContain('found 2');
      watching.unsubscribe();
      const { again } = counter;
      await vi.advanceTimersByTimeAsync(60_000);
      expect([counter.searches, counter.again]).toEqual([2, again]);
      expect(vi.getTimerCount()).toBe(0);
    });

    it('only search where that takes no time', async () => {
      const { counter, looks } = searching(20);
      const watching = looks.for('').subscribe();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(counter.searches).toBeGreaterThan(8);
      expect(counter.again).toBe(0);
      watching.unsubscribe();
    });

    it('let one look at what was found go at a time, whoever watches', async () => {
      const { counter, looks } = searching(500);
      const watching = Array.from({ length: 10 }, (_, i) => looks.for(`prefix ${i}`).subscribe());
      await vi.advanceTimersByTimeAsync(60_000);
      expect(counter.again).toBeGreaterThan(10);
      expect(counter.together).toBe(1);
      for (const one of watching) one.unsubscribe();
    });

    it('tell why what was found cannot be looked at, and go on when it can', async () => {
      let isBroken = true;
      const seen: Listed<string>[] = [];
      const search = async (): Promise<Listed<string>> => {
        await new Promise((resolve) => setTimeout(resolve, 2000));
        return { items: ['found'], hasMore: false };
      };
      const lookAgain = async (found: readonly string[]): Promise<readonly string[]> => {
        if (isBroken) throw new Error('no quorum');
        return found;
      };
      const watching = new Looks(search, 1000, lookAgain).for('').subscribe((list) => seen.push(list));
      await vi.advanceTimersByTimeAsync(4500);
      expect(seen.at(-1)).toEqual({ items: [], hasMore: false, error: 'no quorum' });
      isBroken = false;
      await vi.advanceTimersByTimeAsync(1000);
      expect(seen.at(-1)).toMatchObject({ items: ['found'], age: expect.any(Number) });
      watching.unsubscribe();
    });
  });
});
