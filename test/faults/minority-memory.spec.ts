import { describe, expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { stays } from '../support/stays.js';
import { Site } from './site/site.js';

/** `holder` has "seat" at members 1, 2 and 3 alone; `rival` reaches all five. */
async function holderOfThree() {
  const site = await Site.start();
  const rival = await site.connect('rival');
  const holder = await site.connect('holder');
  const lock = await holder.acquireAt([1, 2, 3], 'seat');
  expect(await site.holdersOf('seat')).toEqual([lock.holder, lock.holder, lock.holder, undefined, undefined]);
  return { site, holder, rival, lock, [Symbol.asyncDispose]: () => site[Symbol.asyncDispose]() };
}

describe('a lock held at exactly three of five, of which one restarts empty', () => {
  it('is kept from others while the member is brought back with the lease and votes again (S07)', async () => {
    await using scene = await holderOfThree();
    const { site, holder, rival, lock } = scene;
    await site.restart(1);
    await rival.sees('voting', 1);
    expect(await site.isVoting(1)).toBe(true);
    expect(await site.holderAt(1, 'seat')).toBe(lock.holder);
    // the rival now has the member and the two that never had the lock: a quorum, if the member had forgotten
    await rival.cutFrom(2, 3);
    expect(await rival.locks.tryAcquire('seat')).toBeNull();
    await holder.sees('voting', 1);
    await lock.extend();
    expect(lock.isHeld).toBe(true);
  });

  it('is kept from others that try all the time', async () => {
    await using scene = await holderOfThree();
    const { site, rival, lock } = scene;
    await site.restart(1);
    const neverBoth = async (): Promise<boolean> => {
      const taken = await rival.locks.tryAcquire('seat', { ttl: 100 }).catch(() => null);
      return !(taken?.isHeld && lock.isHeld);
    };
    while (rival.stateOf(1) !== 'voting') expect(await neverBoth()).toBe(true);
    await rival.cutFrom(2, 3);
    await stays(neverBoth, { for: 1000 });
  });

  it('brings its token back too: the next holder is above it, also when its clock is an hour behind (S07)', async () => {
    await using scene = await holderOfThree();
    const { site, rival, lock } = scene;
    await site.restart(1);
    await rival.sees('voting', 1);
    await lock.release();
    const now = Date.now();
    vi.spyOn(Date, 'now').mockImplementation(() => now - 3_600_000);
    try {
      // who has seen no number yet: the one that brought the member back goes by those
      const late = await site.connect('late');
      await late.cutFrom(2, 3);
      const next = await late.locks.acquire('seat', { waitFor: 5000 });
      expect(next.token).toBeGreaterThan(lock.token);
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('lets the member be brought back by a client that can, though one that cannot found it first', async () => {
    await using scene = await holderOfThree();
    const { site, holder, rival } = scene;
    await rival.cutFrom(1);
    const before = holder.events.length;
    await site.restart(1);
    await eventually(() => holder.events.slice(before).some((event) => event.type === 'rejoin'));
    rival.restore(1);
    await rival.sees('voting', 1);
    await holder.sees('voting', 1);
  });
});

describe('a lock held at exactly three of five, of which one is flushed', () => {
  it('is kept from others at once, as a member without its marker gives no vote (S03)', async () => {
    await using scene = await holderOfThree();
    const { site, rival, lock } = scene;
    await rival.cutFrom(2, 3);
    expect(rival.stateOf(1)).toBe('voting');
    await site.flush(1);
    await expect(rival.locks.acquire('seat')).rejects.toMatchObject({ code: 'NO_QUORUM' });
    expect(lock.isHeld).toBe(true);
  });
});

describe('a rejoiner that reaches two of five that remember, too few to know all decisions', () => {
  it('does not bring a member back (S10)', async () => {
    await using scene = await holderOfThree();
    const { site, rival, lock } = scene;
    await rival.locks.acquire('another'); // so that the two are not empty
    await rival.cutFrom(2, 3);
    await site.restart(1);
    await rival.sees('rejoining', 1);
    await stays(() => !lock.isHeld || rival.stateOf(1) !== 'voting', { for: 1500 });
    expect(await site.isVoting(1)).toBe(false);
  });

  it('does not take the two for a lost group because they hold no lock: its token would go down', async () => {
    await using scene = await holderOfThree();
    const { site, holder, rival, lock } = scene;
    await rival.cutFrom(2, 3);
    await holder.close();
    await site.restart(1);
    // longer than one maximal lease and the time of an operation, after which a lost group goes on
    await stays(() => rival.stateOf(1) !== 'voting', { for: 4000 });
    rival.restore(2, 3);
    await rival.seesAllVoting();
    expect((await rival.locks.inspect('seat')).votes[0]!.token).toBe(lock.token);
  });
});
