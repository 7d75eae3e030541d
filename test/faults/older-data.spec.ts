import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { stays } from '../support/stays.js';
import { DataCopy } from './site/data-copy.js';
import { Site } from './site/site.js';

const longLeases = { ttl: 20_000, ttlMax: 20_000, pollInterval: 200 };

describe('a member that comes back with older data', () => {
  it('does not vote by it: a lock taken since at three members, it among them, stays with its holder', async () => {
    await using site = await Site.start({ persistence: 'always' });
    const holder = await site.connect('holder', { lock: longLeases });
    const rival = await site.connect('rival', { lock: longLeases });
    await using older = await DataCopy.of(site, 1);
    const lock = await holder.acquireAt([1, 2, 3], 'seat');
    await rival.cutFrom(2, 3);
    await older.putBack();
    // it has a marker, of an earlier life
    await eventually(() => rival.stateOf(1) === 'rejoining');
    await expect(rival.locks.acquire('seat')).rejects.toMatchObject({ code: 'NO_QUORUM' });
    rival.restore(2, 3);
    await rival.sees('voting', 1);
    expect(await site.holderAt(1, 'seat')).toBe(lock.holder);
    await rival.cutFrom(2, 3);
    expect(await rival.locks.tryAcquire('seat')).toBeNull();
    expect(lock.isHeld).toBe(true);
  });

  it("does not vote an old lease into being: it is nobody's where another holds the lock since", async () => {
    await using site = await Site.start({ persistence: 'always' });
    const first = await site.connect('first', { lock: longLeases });
    const second = await site.connect('second', { lock: longLeases });
    const old = await first.locks.acquire('seat', { autoExtend: false });
    await eventually(async () => (await site.holdersOf('seat')).every((name) => name === old.holder));
    await using olderAt1 = await DataCopy.of(site, 1);
    await using olderAt2 = await DataCopy.of(site, 2);
    await old.release();
    const lock = await second.acquireAt([1, 2, 3], 'seat', { autoExtend: false, waitFor: 1000 });
    second.restore(4, 5);
    await second.seesAllVoting();

    await olderAt1.putBack();
    await second.sees('voting', 1);
    await olderAt2.putBack();
    await second.sees('voting', 2);
    for (const member of [1, 2]) expect(await site.holderAt(member, 'seat')).toBe('-');
    const { holders } = await first.locks.inspect('seat');
    expect(holders.filter(({ holder }) => holder === old.holder)).toEqual([]);
    await stays(async () => (await first.locks.tryAcquire('seat')) === null, { for: 300 });
    expect(lock.isHeld).toBe(true);
  });
});
