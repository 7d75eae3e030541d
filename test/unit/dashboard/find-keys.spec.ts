import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findKeys, searchMax } from '../../../lib/dashboard/find-keys.js';
import type { KvKeysOptions } from '../../../lib/kv/kv-options.js';

type Kv = Parameters<typeof findKeys>[0];

/** As much of a `QuorumKvService` as is asked: so many keys are found, a second apart, and then none for ever. */
function store(count: number, apart = 0) {
  const asked = { given: 0, isEnded: false };
  const kv = {
    getEntry: async () => null,
    getMany: async (names: readonly string[]) =>
      new Map(names.map((name) => [name, { value: 1, version: 1, expiresAt: null }])),
    async *keys(prefix: string, { signal }: KvKeysOptions) {
      try {
        while (asked.given < count) {
          if (apart > 0) await new Promise((resolve) => setTimeout(resolve, apart));
          signal!.throwIfAborted();
          yield `${prefix}${asked.given++}`;
        }
        await new Promise((_, reject) =>
          signal!.addEventListener('abort', () => reject(signal!.reason as Error), { once: true }),
        );
      } finally {
        asked.isEnded = true;
      }
    },
  } as unknown as Kv;
  return { asked, kv };
}

describe('findKeys()', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('takes no more than it shows, however many there are, and says that there are more', async () => {
    const { asked, kv } = store(Infinity);
    const { items, hasMore, searchedFor } = await findKeys(kv, 'key:', false);
    expect([items.length, hasMore, searchedFor]).toEqual([100, true, undefined]);
    expect(asked).toEqual({ given: 101, isEnded: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['none', 0],
    ['few', 3],
  ])(
    'ends in time where %s of very many keys begin so, and says that not all were looked through',
    async (_, count) => {
      const { asked, kv } = store(count, 1000);
      const search = findKeys(kv, 'key:', false);
      await vi.advanceTimersByTimeAsync(searchMax - 1);
      expect(asked.isEnded).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      const { items, hasMore, searchedFor } = await search;
      expect([items.length, hasMore, searchedFor]).toEqual([count, true, searchMax]);
      expect(asked.isEnded).toBe(true);
    },
  );

  it('does not take what went wrong for an end of the time', async () => {
    const { kv } = store(0);
    const broken = Object.assign(kv, {
      // oxlint-disable-next-line require-yield -- it fails before
      async *keys() {
        throw new Error('no quorum');
      },
    });
    await expect(findKeys(broken, '', false)).rejects.toThrow('no quorum');
    expect(vi.getTimerCount()).toBe(0);
  });
});
