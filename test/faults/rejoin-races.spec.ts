import { describe, expect, it } from 'vitest';
import { Group } from '../../lib/quorum/group.js';
import { admitScript } from '../../lib/quorum/scripts.js';
import { resolveGroupOptions } from '../../lib/quorum/resolve-group-options.js';
import { attempt } from '../../lib/lock/attempt.js';
import { LockRestorer } from '../../lib/lock/lock-restorer.js';
import { LockRequests, type Claim } from '../../lib/lock/lock-requests.js';
import { lockDefaults } from '../../lib/lock/resolve-lock-options.js';
import type { GroupEvent } from '../../lib/quorum/group-status.js';
import { systemClock } from '../../lib/runtime/clock.js';
import { systemRandom } from '../../lib/runtime/random.js';
import { eventually } from '../support/eventually.js';
import { stays } from '../support/stays.js';
import { brisk } from './site/site-client.js';
import { Site } from './site/site.js';

const longLeases = { ttl: 20_000, ttlMax: 20_000, pollInterval: 200 };

/** Whether the event tells that so many records were copied to member 1. */
function hasCopied(event: GroupEvent, count: number): boolean {
  return event.type === 'rejoin' && event.member === 'redis-1' && event.copied === count;
}

/** Records that are not ours, so that walking over the member's keys takes many pages. */
async function fillWithForeignKeys(site: Site, member: number, pages: number): Promise<void> {
  const fill = "for i = 1, tonumber(ARGV[1]) do redis.call('SET', 'foreign:' .. i, '') end";
  await site.server(member).command('EVAL', fill, '0', String(pages * 500));
}

describe('a vote given by a member before it forgot, counted while others are still asked', () => {
  it('does not meet a vote it gives after it is back, as it waits maxOperationTime (S04)', async () => {
    await using site = await Site.start();
    const times = { requestTimeout: 1500, maxOperationTime: 3000, lock: longLeases };
    const slow = await site.connect('slow', times);
    const rival = await site.connect('rival', times);
    await site.warmUp(slow);
    await slow.cutFrom(4, 5);
    for (const member of [2, 3]) slow.link(member).silence('requests');
    const asked = slow.locks.tryAcquire('seat').catch(() => null);
    await eventually(() => site.holderAt(1, 'seat'));
    await eventually(() => slow.inFlight(1) === 0);
    const askedAt = performance.now();

    await site.flush(1);
    await (await rival.locks.acquire('another')).release();
    // time enough to bring it back, were it not for the wait
    const isBackEarly = await eventually(() => rival.stateOf(1) === 'voting', { within: 1000 }).catch(() => false);
    await rival.cutFrom(2, 3);
    const taken = await rival.locks.tryAcquire('seat').catch(() => null);
    expect(performance.now() - askedAt).toBeLessThan(times.requestTimeout);
    slow.restore(2, 3);
    const held = [taken, await asked].filter((lock) => lock?.isHeld);
    expect({ isBackEarly, holders: held.length }).toEqual({ isBackEarly: false, holders: 1 });
  });
});

describe('leases that sources report with different holders', () => {
  it("come back as nobody's, so that a leftover does not get a quorum (S08)", async () => {
    await using site = await Site.start();
    const { lock: _lock, queue: _queue, ...times } = brisk;
    const holder = await site.connect('holder', { lock: longLeases });
    const links = await site.openLinks();
    const nodes = links.map(({ url }) => url);
    // an acquisition whose release never left: by hand, as its holder asks again under the same name
    const group = new Group(resolveGroupOptions({ ...times, nodes }), 20_000, systemClock, systemRandom);
    try {
      const requests = new LockRequests(group, lockDefaults.fenceRetention);
      group.restorers.push(new LockRestorer(group.keys, lockDefaults.fenceRetention));
      await group.start();
      await eventually(() => group.votingCount === 5);
      const lock = await holder.acquireAt([1, 2, 3], 'seat');
      const leftover: Claim = { keys: ['seat'], holder: 'leftover', mode: 'exclusive' };
      const ask = () => attempt(requests, leftover, 20_000, 20_000, { kind: 'direct', lineMs: 0 });
      expect((await ask()).kind).toBe('refused');
      expect(await site.holdersOf('seat')).toEqual([lock.holder, lock.holder, lock.holder, 'leftover', 'leftover']);

      await site.flush(1);
      expect((await ask()).kind).toBe('refused');
      await eventually(() => group.votingCount === 5);
      expect((await ask()).kind).toBe('refused');
      expect(await site.holderAt(1, 'seat')).toBe('-');
      expect(lock.isHeld).toBe(true);
    } finally {
      group.close();
    }
  });
});

describe('a rejoiner whose commands come late', () => {
  it('changes nothing once the member votes again: a holder keeps its vote (S09)', async () => {
    await using site = await Site.start();
    const first = await site.connect('first', { lock: longLeases });
    const early = await first.acquireAt([1, 2, 3], 'seat', { autoExtend: false });
    const slow = await site.connect('slow', {
      lock: longLeases,
      onEvent: (event, { links }) => {
        const isCopying = event.type === 'rejoin' && event.member === 'redis-1' && event.phase === 'copies';
        if (isCopying && event.copied === 0) links[0]!.silence('requests');
      },
    });
    await site.flush(1);
    await slow.probe();
    // its restore commands are on their way; then the member forgets again, so that its ticket is gone
    await slow.sees('suspect', 1);
    await slow.cutFrom(2, 3, 4, 5);
    await site.flush(1);
    const next = await site.connect('next', { lock: longLeases });
    await early.release();
    first.restore(4, 5);
    const lock = await next.acquireAt([1, 4, 5], 'seat', { autoExtend: false });

    slow.restore(1);
    await eventually(() => slow.link(1).connectionCount === 1);
    await slow.sees('voting', 1);
    expect(await site.holderAt(1, 'seat')).toBe(lock.holder);
    await lock.extend();
    expect(lock.isHeld).toBe(true);
  });

  it('does not admit a member that was flushed between copy and admission (S13)', async () => {
    await using site = await Site.start();
    const holder = await site.connect('holder', { lock: longLeases });
    const lock = await holder.acquireAt([1, 2, 3], 'seat', { autoExtend: false });
    await holder.cutFrom(1, 2, 3); // it does not bring the member back itself
    const rejoiner = await site.connect('rejoiner', { lock: longLeases });
    const rival = await site.connect('rival', { lock: longLeases });
    await rival.cutFrom(1, 2, 3);
    await site.flush(1);
    const admission = rejoiner.link(1).silenceFrom(admitScript.sha);
    await rejoiner.probe();
    await admission;
    expect(await site.holderAt(1, 'seat')).toBe(lock.holder);
    await eventually(() => rejoiner.stateOf(1) === 'suspect');
    await site.flush(1);
    rejoiner.restore(1);
    rival.restore(1);
    await rejoiner.sees('voting', 1);
    await rival.sees('voting', 1);
    expect(await site.holderAt(1, 'seat')).toBe(lock.holder);
    expect(await rival.locks.tryAcquire('seat').catch(() => null)).toBeNull();
    expect(lock.isHeld).toBe(true);
  });

  it('does not admit a member that was flushed in the middle of the copy, though the same client holds the ticket again', async () => {
    await using site = await Site.start();
    await fillWithForeignKeys(site, 3, 100);
    const holder = await site.connect('holder', { lock: longLeases });
    const lock = await holder.acquireAt([1, 2, 5], 'seat', { autoExtend: false });
    await holder.cutFrom(1, 2, 5);
    const rejoiner = await site.connect('rejoiner', { lock: longLeases });
    const rival = await site.connect('rival', { lock: longLeases });
    await rival.cutFrom(1, 2, 5);
    // sources are 2, 3 and 4; walking over member 3 takes seconds
    rejoiner.link(3).slowDown(20);
    await site.flush(1);
    await rejoiner.probe();
    await eventually(() => rejoiner.events.some((event) => hasCopied(event, 1)));
    await site.flush(1);
    await rejoiner.sees('voting', 1);
    expect(await site.holderAt(1, 'seat')).toBe(lock.holder);
    rival.restore(1);
    await rival.sees('voting', 1);
    expect(await rival.locks.tryAcquire('seat').catch(() => null)).toBeNull();
    expect(lock.isHeld).toBe(true);
  });
});

describe('several clients that bring the same member back', () => {
  it('end with it voting and all leases kept, when they start at once', async () => {
    await using site = await Site.start();
    const holder = await site.connect('holder', { lock: longLeases });
    const others = await Promise.all(['ada', 'bob', 'cleo'].map((name) => site.connect(name, { lock: longLeases })));
    const locks = await Promise.all(['a', 'b', 'c'].map((key) => holder.locks.acquire(key, { autoExtend: false })));
    await eventually(async () => (await site.holdersOf('c')).every((name) => name === locks[2]!.holder));
    await site.restart(1);
    await Promise.all(others.map((client) => client.sees('voting', 1)));
    for (const lock of locks) expect(await site.holderAt(1, lock.keys[0]!)).toBe(lock.holder);
    await stays(() => others.every((client) => client.stateOf(1) === 'voting'), { for: 500 });
  });
});
