import { describe, expect, it } from 'vitest';
import { findLocks, lookAtLocks } from '../../../lib/dashboard/find-locks.js';
import type { LockState } from '../../../lib/lock/lock.js';

type Locks = Parameters<typeof findLocks>[0];

function stateOf(key: string, readers = 1): LockState {
  const holders = Array.from({ length: readers }, (_, i) => ({ holder: `holder ${i}`, remaining: 1000 + i }));
  return {
    key,
    mode: readers > 1 ? 'shared' : readers === 1 ? 'exclusive' : 'free',
    holders,
    token: 1,
    waiting: 0,
    votes: [],
  };
}

/** As much of a `LockService` as is asked, with locks without end. */
function service(readersOf: (key: string) => number = () => 1) {
  const asked = { listed: 0, isEnded: false, inspected: [] as string[] };
  const locks = {
    inspect: async (key: string) => {
      asked.inspected.push(key);
      return stateOf(key, readersOf(key));
    },
    async *list(prefix: string) {
      try {
        for (;;) yield stateOf(`${prefix}:${asked.listed++}`);
      } finally {
        asked.isEnded = true;
      }
    },
  } as unknown as Locks;
  return { asked, locks };
}

describe('findLocks()', () => {
  it('asks for no more than it shows, however many are held, and says that there are more', async () => {
    const { asked, locks } = service();
    const { items, hasMore } = await findLocks(locks, '', () => true);
    expect([items.length, hasMore]).toEqual([200, true]);
    expect([asked.listed, asked.isEnded]).toEqual([201, true]);
  });

  it('stops when nobody waits for it any more', async () => {
    const { asked, locks } = service();
    let wanted = 5;
    await findLocks(locks, '', () => wanted-- > 0);
    expect([asked.listed, asked.isEnded]).toEqual([6, true]);
  });

  it('names the first holders of a lock only, and says how many there are', async () => {
    const { locks } = service((key) => (key === 'read by all' ? 10_000 : 1));
    const { items } = await findLocks(locks, 'read by all', () => true);
    const shared = items.find(({ key }) => key === 'read by all')!;
    expect(shared).toMatchObject({ mode: 'shared', holderCount: 10_000, remaining: 10_999 });
    expect(shared.holders.map(({ holder }) => holder)).toEqual(Array.from({ length: 10 }, (_, i) => `holder ${i}`));
  });
});

describe('lookAtLocks()', () => {
  it('asks for those that were found, and leaves out those that were released', async () => {
    const { asked, locks } = service((key) => (key === 'released' ? 0 : 1));
    const { items } = await findLocks(service().locks, '', () => true);
    const found = [
      { ...items[0]!, key: 'held' },
      { ...items[0]!, key: 'released' },
    ];
    expect((await lookAtLocks(locks, found)).map(({ key }) => key)).toEqual(['held']);
    expect([asked.inspected, asked.listed]).toEqual([['held', 'released'], 0]);
  });
});
