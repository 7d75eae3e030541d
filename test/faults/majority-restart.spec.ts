import { describe, expect, it, vi } from 'vitest';
import { connectMajorityRedis } from '../../lib/connect.js';
import { eventually } from '../support/eventually.js';
import { stays } from '../support/stays.js';
import { brisk, type SiteClient } from './site/site-client.js';
import { Site } from './site/site.js';

/** One maximal lease, the time of an operation, and room for the looks in between. */
const mergeWithin = brisk.lock.ttlMax + brisk.maxOperationTime + 3000;

/** What the client told of its wait, in the order it told it: seconds left. */
function secondsWaited(client: SiteClient, from: number): number[] {
  return client.events.slice(from).flatMap((event) => {
    const told = event.type === 'rejoin' ? /^waits (\d+) s/.exec(event.phase) : null;
    return told ? [Number(told[1])] : [];
  });
}

describe('three of five members dead', () => {
  it('are told as no quorum within one request time, to clients that were there and to new ones', async () => {
    await using site = await Site.start();
    const client = await site.connect('client');
    await site.kill(1, 2, 3);
    const askedAt = performance.now();
    await expect(client.locks.acquire('seat')).rejects.toMatchObject({ code: 'NO_QUORUM' });
    await expect(client.locks.acquire('seat', { waitFor: 5000 })).rejects.toMatchObject({ code: 'NO_QUORUM' });
    expect(performance.now() - askedAt).toBeLessThan(2 * brisk.requestTimeout);
    const startedAt = performance.now();
    await expect(connectMajorityRedis({ ...brisk, connectTimeout: 500, nodes: site.group.urls })).rejects.toMatchObject(
      { code: 'NO_QUORUM', quorum: 3 },
    );
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  it('give locks again after they returned empty and one maximal lease, to the same clients and to new ones', async () => {
    await using site = await Site.start();
    const client = await site.connect('client');
    const before = await client.locks.acquire('seat');
    await before.release();
    await site.kill(1, 2, 3);
    await client.sees('down', 1, 2, 3);
    await site.start(1, 2, 3);
    const fresh = await site.join('fresh');
    await eventually(() => client.status.status().voting === 5, { within: mergeWithin });
    const told = [...client.events, ...fresh.events];
    expect(told).toContainEqual(expect.objectContaining({ type: 'group', event: 'majority-restart' }));
    const after = await client.locks.acquire('seat');
    expect(after.token).toBeGreaterThan(before.token);
    await after.release();
    await fresh.seesAllVoting();
    expect((await fresh.locks.acquire('seat')).isHeld).toBe(true);
  });

  it('let nobody in before the leases they forgot have ended (S14)', async () => {
    await using site = await Site.start();
    const holder = await site.connect('holder');
    const rival = await site.connect('rival');
    const lock = await holder.acquireAt([1, 2, 3], 'seat', { autoExtend: false });
    await site.restart(1, 2, 3);
    const taken = await eventually(() => rival.locks.tryAcquire('seat'), { within: mergeWithin });
    expect({ isHeldByFirst: lock.isHeld, isHeldBySecond: taken.isHeld }).toEqual({
      isHeldByFirst: false,
      isHeldBySecond: true,
    });
  });
});

describe('a restart of all five members at once', () => {
  it.each(['none', 'always'] as const)(
    'is followed by a merge, which is told, and no two holders meet (persistence: %s)',
    async (persistence) => {
      await using site = await Site.start({ persistence });
      const holder = await site.connect('holder');
      const rival = await site.connect('rival');
      const lock = await holder.locks.acquire('seat');
      await site.restart(1, 2, 3, 4, 5);
      const taken = await eventually(() => rival.locks.tryAcquire('seat'), { within: mergeWithin });
      expect(taken.isHeld && lock.isHeld).toBe(false);
      expect(taken.token).toBeGreaterThan(lock.token);
      const told = [...holder.events, ...rival.events];
      expect(told).toContainEqual(expect.objectContaining({ type: 'group', event: 'majority-restart' }));
    },
  );

  it('is not waited for anew when members do not answer for a moment', async () => {
    await using site = await Site.start({ persistence: 'always' });
    const client = await site.connect('client');
    const before = client.events.length;
    await site.restart(1, 2, 3, 4, 5);
    for (const member of [5, 1]) {
      await eventually(() => secondsWaited(client, before).at(-1) === 2);
      site.freeze(member);
      await client.sees('suspect', member);
      site.thaw(member);
    }
    await client.seesAllVoting();
    expect(secondsWaited(client, before)).toEqual(secondsWaited(client, before).toSorted((a, b) => b - a));
    const phases = client.events.slice(before).map((event) => event.type === 'rejoin' && event.phase);
    expect(phases).not.toContain('another client brings it back');
  });

  it('keeps tokens growing when the members kept their data, for a client with a clock an hour behind', async () => {
    await using site = await Site.start({ persistence: 'always' });
    const client = await site.connect('client');
    const before = await client.locks.acquire('seat');
    await before.release();
    await client.close();
    await site.restart(1, 2, 3, 4, 5);
    const now = Date.now();
    vi.spyOn(Date, 'now').mockImplementation(() => now - 3_600_000);
    try {
      const fresh = await site.connect('fresh');
      expect((await fresh.locks.acquire('seat')).token).toBeGreaterThan(before.token);
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('leaves the group closed for an operator when the policy is halt', async () => {
    await using site = await Site.start();
    const client = await site.connect('client', { onMajorityRestart: 'halt' });
    await (await client.locks.acquire('seat')).release();
    await site.restart(1, 2, 3, 4, 5);
    await eventually(() => client.events.some((event) => event.type === 'group' && event.event === 'halted'));
    await stays(() => client.status.status().voting === 0, { for: brisk.lock.ttlMax + brisk.maxOperationTime + 500 });
    await expect(client.locks.acquire('seat')).rejects.toMatchObject({ code: 'NO_QUORUM' });
  });
});
