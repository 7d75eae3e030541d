import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { InvalidOptionsError, LockLostError, LockUnavailableError, NoQuorumError } from '../../../lib/errors.js';
import type { Lock } from '../../../lib/lock/lock.js';
import type { LockService } from '../../../lib/lock/lock.service.js';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { ClientProcess } from '../../support/client-process.js';
import { Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { stays } from '../../support/stays.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextKey = keyMaker();

/** Resolves with the reason of the lock's signal. */
async function lossOf({ signal }: Lock): Promise<LockLostError> {
  if (!signal.aborted) await once(signal, 'abort');
  return signal.reason as LockLostError;
}

// side by side, as they mostly wait
describe.concurrent.each([1, 3, 4, 5])('a held lock on a group of %d', (size) => {
  const clients = new Clients();
  let group: LocalGroup;
  let client: TestClient;
  let here: LockService;
  let there: LockService;

  beforeAll(async () => {
    group = await startLocalGroup({ size });
    client = await clients.connect(group.urls);
    here = client.locks;
    ({ locks: there } = await clients.connect(group.urls));
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  it('extends itself past several ttls, with the same token', async () => {
    const key = nextKey();
    const lock = await here.acquire(key, { ttl: 300 });
    const { token } = lock;
    await stays(() => lock.isHeld && lock.remaining <= 300, { for: 1200 });
    expect(lock.token).toBe(token);
    expect(await there.tryAcquire(key)).toBeNull();
    expect(await lock.release()).toBe('released');
  });

  it('ends with its validity when it does not extend itself: signal, event, isHeld, and others get it', async () => {
    const key = nextKey();
    const grantedAt = performance.now();
    const lock = await here.acquire(key, { ttl: 300, autoExtend: false });
    const loss = await lossOf(lock);
    expect(performance.now() - grantedAt).toBeLessThan(600);
    expect(loss).toBeInstanceOf(LockLostError);
    expect(loss).toMatchObject({ code: 'LOCK_LOST', keys: [key], token: lock.token, reason: 'validity-passed' });
    expect(lock).toMatchObject({ isHeld: false, remaining: 0 });
    expect(client.events).toContainEqual({
      type: 'lock-lost',
      keys: [key],
      token: lock.token,
      reason: 'validity-passed',
    });
    const next = await eventually(() => there.tryAcquire(key), { within: 1000 });
    expect(next.token).toBeGreaterThan(lock.token);
  });

  it('ends for its holder before it ends for the members', async () => {
    const key = nextKey();
    const lock = await here.acquire(key, { ttl: 400, autoExtend: false });
    let isHeldByTwo = false;
    const next = await eventually(
      async () => {
        const granted = await there.tryAcquire(key);
        isHeldByTwo ||= granted !== null && lock.isHeld;
        return granted;
      },
      { every: 1 },
    );
    expect(isHeldByTwo).toBe(false);
    expect(next.isHeld).toBe(true);
  });

  it('is extended by hand, also with another ttl', async () => {
    const key = nextKey();
    const lock = await here.acquire(key, { ttl: 400, autoExtend: false });
    await eventually(() => lock.remaining < 250);
    await lock.extend();
    expect(lock.remaining).toBeGreaterThan(300);
    await lock.extend(5000);
    expect(lock.remaining).toBeGreaterThan(4500);
    expect((await there.inspect(key)).holders[0]!.remaining).toBeGreaterThan(4500);
    await lock.extend(300);
    expect(lock.remaining).toBeGreaterThan(4000);
    expect(await lock.release()).toBe('released');
  });

  it('refuses an extension out of bounds and stays held', async () => {
    const lock = await here.acquire(nextKey());
    for (const ttl of [0, 49, 60_001, 1.5, NaN]) {
      await expect(lock.extend(ttl)).rejects.toBeInstanceOf(InvalidOptionsError);
    }
    expect(lock.isHeld).toBe(true);
  });

  it('cannot be extended once it is released or lost', async () => {
    const released = await here.acquire(nextKey());
    await released.release();
    await expect(released.extend()).rejects.toMatchObject({ code: 'LOCK_LOST', reason: 'released' });

    const key = nextKey();
    const lost = await here.acquire(key, { ttl: 200, autoExtend: false });
    const loss = await lossOf(lost);
    await expect(lost.extend()).rejects.toBe(loss);
    const next = await eventually(() => there.tryAcquire(key));
    await expect(lost.extend()).rejects.toBe(loss);
    expect(next.isHeld).toBe(true);
  });

  it('is no longer extended after maxHold and then lost for that reason', async () => {
    const key = nextKey();
    const startedAt = performance.now();
    const lock = await here.acquire(key, { ttl: 300, maxHold: 900 });
    const loss = await lossOf(lock);
    const elapsed = performance.now() - startedAt;
    expect(loss.reason).toBe('max-hold');
    expect(elapsed).toBeGreaterThanOrEqual(900 - 10);
    expect(elapsed).toBeLessThan(900 + 300 + 200);
    await eventually(() => there.tryAcquire(key), { within: 1000 });
  });

  it('stays taken for minHold when it is released before', async () => {
    const key = nextKey();
    const startedAt = performance.now();
    const lock = await here.acquire(key, { ttl: 300, minHold: 900 });
    expect(await lock.release()).toBe('released');
    expect(lock.isHeld).toBe(false);
    expect(await there.tryAcquire(key)).toBeNull();
    const refusal: unknown = await there.acquire(key).catch((error: unknown) => error);
    expect((refusal as LockUnavailableError).retryAfter).toBeGreaterThan(500);
    await eventually(() => there.tryAcquire(key), { every: 5 });
    const elapsed = performance.now() - startedAt;
    expect(elapsed).toBeGreaterThanOrEqual(880);
    expect(elapsed).toBeLessThan(1500);
  });

  it('is free at once when it is released after minHold', async () => {
    const key = nextKey();
    const lock = await here.acquire(key, { ttl: 300, minHold: 300 });
    await stays(() => lock.isHeld, { for: 400 });
    expect(await lock.release()).toBe('released');
    expect(await there.tryAcquire(key)).not.toBeNull();
  });

  it('says expired when it is released after its end, and leaves a later holder alone', async () => {
    const key = nextKey();
    const lock = await here.acquire(key, { ttl: 200, autoExtend: false });
    await lossOf(lock);
    const next = await eventually(() => there.tryAcquire(key));
    expect(await lock.release()).toBe('expired');
    expect((await here.inspect(key)).holders).toMatchObject([{ holder: next.holder }]);
  });

  it('gives the outcome of its first release to every later one, and leaves a later holder alone', async () => {
    const key = nextKey();
    const lock = await here.acquire(key);
    expect(await Promise.all([lock.release(), lock.release()])).toEqual(['released', 'released']);
    const next = await there.acquire(key);
    expect(await lock.release()).toBe('released');
    await lock[Symbol.asyncDispose]();
    expect((await here.inspect(key)).holders).toMatchObject([{ holder: next.holder }]);
    expect(next.isHeld).toBe(true);
  });
});

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
