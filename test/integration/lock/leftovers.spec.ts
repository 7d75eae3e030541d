import { describe, expect, it, onTestFinished } from 'vitest';
import { isMajorityRedisError, NoQuorumError } from '../../../lib/errors.js';
import { startLocalGroup, type LocalServer } from '../../../lib/testing/index.js';
import { ClientProcess } from '../../support/client-process.js';
import { Clients } from '../../support/clients.js';
import { CuttableLink } from '../../support/cuttable-link.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

/** ms until each key of a server ends, by key; -1 for never. */
async function expiries(server: LocalServer): Promise<Map<string, number>> {
  const keys = (await server.command('KEYS', '*')) as string[];
  const left = await Promise.all(keys.map((key) => server.command('PTTL', key)));
  return new Map(keys.map((key, index) => [key, left[index] as number]));
}

describe('what clients leave behind', () => {
  it('expires by itself, every key but the marker of each member, when they are killed in all they do', async () => {
    const clients = new Clients();
    await using group = await startLocalGroup({ size: 3 });
    onTestFinished(() => clients.close());
    const lock = { ttl: 1000, ttlMax: 2000, fenceRetention: 60_000 };
    await using one = await ClientProcess.start({ nodes: group.urls, lock });
    await using two = await ClientProcess.start({ nodes: group.urls, lock });
    const { locks } = await clients.connect(group.urls, { lock });
    await one.acquire('exclusive');
    await one.acquire(['several-1', 'several-2']);
    await Promise.all([one.acquire('read', { mode: 'shared' }), two.acquire('read', { mode: 'shared' })]);
    await one.acquire('kept', { minHold: 1500 });
    two.stand('exclusive', { waitFor: 30_000 });
    two.stand('read', { waitFor: 30_000 });
    two.stand(['a-first', 'several-1'], { waitFor: 30_000 });
    const lines = ['exclusive', 'read', 'several-1'];
    await eventually(async () =>
      (await Promise.all(lines.map((key) => locks.inspect(key)))).every(({ waiting }) => waiting === 1),
    );
    await Promise.all([one.kill(), two.kill()]);

    for (const member of group.members) {
      const left = await expiries(member);
      expect(left.get('majority:member')).toBe(-1);
      left.delete('majority:member');
      expect([...left.keys()].filter((key) => key.startsWith('majority:lock:'))).not.toEqual([]);
      for (const [key, ms] of left) {
        expect(ms, key).toBeGreaterThan(0);
        expect(ms, key).toBeLessThanOrEqual(key.startsWith('majority:readers:') ? 2000 : 62_000);
      }
    }
    for (const key of ['exclusive', 'read', 'several-1', 'several-2', 'a-first', 'kept']) {
      await using _ = await eventually(() => locks.tryAcquire(key), { within: 5000 });
    }
  });

  it('is nothing but the last token after a quiet release, and that expires', async () => {
    const clients = new Clients();
    await using group = await startLocalGroup({ size: 3 });
    onTestFinished(() => clients.close());
    const { locks, group: seen } = await clients.connect(group.urls, { lock: { fenceRetention: 60_000 } });
    await eventually(() => seen.status().voting === 3);
    for (const mode of ['exclusive', 'shared'] as const) {
      // one that does not extend itself is asked of all members at once
      const lock = await locks.acquire('some', { mode, autoExtend: false });
      await lock.release();
      for (const member of group.members) {
        await eventually(async () => {
          const left = await expiries(member);
          expect([...left.keys()].filter((key) => !key.endsWith(':member'))).toEqual(['majority:lock:some']);
          expect(left.get('majority:lock:some')).toBeGreaterThan(50_000);
          expect(left.get('majority:lock:some')).toBeLessThanOrEqual(60_000 + 10_000);
          return true;
        });
      }
    }
  });
});

describe.each([1, 3, 4, 5])(
  'a lock on a group of %d whose validity passed while votes were collected (S11)',
  (size) => {
    it.each(['exclusive', 'shared'] as const)(
      'is never returned in %s mode and is cleaned up everywhere',
      async (mode) => {
        const clients = new Clients();
        await using group = await startLocalGroup({ size });
        onTestFinished(() => clients.close());
        const links = await Promise.all(group.members.map(({ port }) => CuttableLink.to(port)));
        onTestFinished(() => void Promise.all(links.map((link) => link.close())));
        const watcher = await clients.connect(group.urls);
        const { locks, group: seen } = await clients.connect(links.map(({ url }) => url));
        await eventually(() => seen.status().voting === size);
        // there and back take longer than the ttl; on the members the lease would last much longer, because of minHold
        for (const link of links) link.slowDown(60);
        const options = { ttl: 100, minHold: 20_000, mode };
        for (const key of ['one', ['one', 'two']]) {
          const outcome: unknown = await locks.acquire(key, options).catch((error: unknown) => error);
          expect(isMajorityRedisError(outcome)).toBe(true);
          expect(outcome).toBeInstanceOf(NoQuorumError);
        }
        for (const key of ['one', 'two']) {
          await eventually(async () => {
            const { token, votes } = await watcher.locks.inspect(key);
            // all members granted it, and all have let it go
            return token > 0 && votes.every(({ said, holders }) => said === 'free' && holders.length === 0);
          });
          expect(await watcher.locks.tryAcquire(key)).not.toBeNull();
        }
      },
    );

    it('is not returned to a waiter either', async () => {
      const clients = new Clients();
      await using group = await startLocalGroup({ size });
      onTestFinished(() => clients.close());
      const links = await Promise.all(group.members.map(({ port }) => CuttableLink.to(port)));
      onTestFinished(() => void Promise.all(links.map((link) => link.close())));
      const watcher = await clients.connect(group.urls);
      const { locks, group: seen } = await clients.connect(links.map(({ url }) => url));
      await eventually(() => seen.status().voting === size);
      const held = await watcher.locks.acquire('some');
      for (const link of links) link.slowDown(60);
      const waiting = locks
        .acquire('some', { ttl: 100, minHold: 20_000, waitFor: 3000 })
        .catch((error: unknown) => error);
      await eventually(async () => (await watcher.locks.inspect('some')).waiting === 1);
      await held.release();
      expect(isMajorityRedisError(await waiting)).toBe(true);
      await eventually(async () => {
        const { waiting: count, votes } = await watcher.locks.inspect('some');
        return count === 0 && votes.every(({ holders }) => holders.length === 0);
      });
      expect(await watcher.locks.tryAcquire('some')).not.toBeNull();
    });
  },
);
