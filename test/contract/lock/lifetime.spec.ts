import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidOptionsError, LockLostError, LockUnavailableError } from '../../../lib/errors.js';
import type { Lock } from '../../../lib/lock/lock.js';
import type { LockService } from '../../../lib/lock/lock.service.js';
import { Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { everyGroup, type TestGroup } from '../../support/groups.js';
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
describe.concurrent.each(everyGroup)('a held lock on $on', ({ open }) => {
  const clients = new Clients();
  let group: TestGroup;
  let client: TestClient;
  let here: LockService;
  let there: LockService;

  beforeAll(async () => {
    group = await open();
    client = await clients.connect(group.nodes);
    here = client.locks;
    ({ locks: there } = await clients.connect(group.nodes));
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
