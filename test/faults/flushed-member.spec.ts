import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { Site } from './site/site.js';

describe('FLUSHALL on a member while locks are held', () => {
  it('costs no holder its lock, in either mode, and the member has all leases again when it votes', async () => {
    await using site = await Site.start();
    const client = await site.connect('client');
    const keys = ['a', 'b', 'c'];
    const locks = await Promise.all(keys.map((key) => client.locks.acquire(key)));
    const readers = await Promise.all([1, 2].map(() => client.locks.acquire('page', { mode: 'shared' })));
    for (const member of site.memberNumbers) {
      await site.flush(member);
      await client.asksUntilAllVote();
      for (const [index, key] of keys.entries()) {
        await eventually(async () => (await site.holderAt(member, key)) === locks[index]!.holder);
      }
      const { votes } = await client.locks.inspect('page');
      expect(votes[member - 1]!.holders.map(({ holder }) => holder).sort()).toEqual(
        readers.map(({ holder }) => holder).sort(),
      );
    }
    expect([...locks, ...readers].every(({ isHeld }) => isHeld)).toBe(true);
  });
});
