import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LockLostError, NoQuorumError } from '../../../lib/errors.js';
import type { Lock } from '../../../lib/lock/lock.js';
import { startLocalGroup } from '../../../lib/testing/index.js';
import { ClientProcess } from '../../support/client-process.js';
import { Clients } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { stays } from '../../support/stays.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

/** Resolves with the reason of the lock's signal. */
async function lossOf({ signal }: Lock): Promise<LockLostError> {
  if (!signal.aborted) await once(signal, 'abort');
  return signal.reason as LockLostError;
}

describe('a held lock whose members or process fail', () => {
  it('is kept by extension when a minority stops, and lost by signal and event when a majority does', async () => {
    const clients = new Clients();
    await using group = await startLocalGroup({ size: 3 });
    onTestFinished(() => clients.close());
    const { locks, events } = await clients.connect(group.urls, { requestTimeout: 200 });
    const lock = await locks.acquire('some', { ttl: 600 });
    // nobody listens to this one's signal
    const unwatched = await locks.acquire('other', { ttl: 600 });
    await group.members[0]!.stop();
    await stays(() => lock.isHeld, { for: 1000 });
    await group.members[1]!.stop();
    const stoppedAt = performance.now();
    const loss = await lossOf(lock);
    expect(performance.now() - stoppedAt).toBeLessThan(900);
    expect(loss).toMatchObject({ reason: 'validity-passed', token: lock.token });
    expect(loss.members.map(({ member }) => member)).toEqual(['redis-1', 'redis-2', 'redis-3']);
    await eventually(() => events.filter(({ type }) => type === 'lock-lost').length === 2);
    expect(unwatched.isHeld).toBe(false);
  });

  it('says so when an extension by hand or a release finds no quorum: NoQuorumError, unconfirmed', async () => {
    const clients = new Clients();
    await using group = await startLocalGroup({ size: 3 });
    onTestFinished(() => clients.close());
    const { locks } = await clients.connect(group.urls, { requestTimeout: 200 });
    const lock = await locks.acquire('some', { ttl: 20_000 });
    await Promise.all([group.members[0]!.stop(), group.members[1]!.stop()]);
    const error: unknown = await lock.extend().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NoQuorumError);
    expect((error as NoQuorumError).members).toHaveLength(3);
    expect(lock.isHeld).toBe(true);
    const releasedAt = performance.now();
    expect(await lock.release()).toBe('unconfirmed');
    expect(performance.now() - releasedAt).toBeLessThan(500);
    expect(await lock.release()).toBe('unconfirmed');
    expect(lock.isHeld).toBe(false);
  });

  it('says unconfirmed, within the request timeout, when members are frozen', async () => {
    const clients = new Clients();
    await using group = await startLocalGroup({ size: 3 });
    onTestFinished(() => clients.close());
    const { locks } = await clients.connect(group.urls, { requestTimeout: 200 });
    const lock = await locks.acquire('some', { ttl: 20_000 });
    group.members[0]!.freeze();
    group.members[1]!.freeze();
    const releasedAt = performance.now();
    expect(await lock.release()).toBe('unconfirmed');
    expect(performance.now() - releasedAt).toBeLessThan(700);
  });

  it('frees itself after its ttl, and after minHold if that is longer, when its process is killed', async () => {
    const clients = new Clients();
    await using group = await startLocalGroup({ size: 3 });
    onTestFinished(() => clients.close());
    const { locks } = await clients.connect(group.urls);
    await using holder = await ClientProcess.start({ nodes: group.urls });
    const askedAt = performance.now();
    await Promise.all([
      holder.acquire('short', { ttl: 500 }),
      holder.acquire('long', { ttl: 500, minHold: 1800 }),
      holder.acquire('read', { ttl: 500, mode: 'shared' }),
    ]);
    await holder.kill();
    const freeAfter = async (key: string): Promise<number> => {
      await eventually(() => locks.tryAcquire(key), { every: 5 });
      return performance.now() - askedAt;
    };
    const [short, long, read] = await Promise.all([freeAfter('short'), freeAfter('long'), freeAfter('read')]);
    for (const elapsed of [short, read]) {
      expect(elapsed).toBeGreaterThanOrEqual(495);
      expect(elapsed).toBeLessThan(1500);
    }
    expect(long).toBeGreaterThanOrEqual(1790);
    expect(long).toBeLessThan(2800);
  });
});
