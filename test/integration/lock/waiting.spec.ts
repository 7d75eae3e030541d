import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LockUnavailableError } from '../../../lib/errors.js';
import type { LockService } from '../../../lib/lock/lock.service.js';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { ClientProcess } from '../../support/client-process.js';
import { acquireEverywhere, Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextKey = keyMaker();
/** Rarely polls: what is granted sooner was woken. */
const rarely = { lock: { pollInterval: 2000 } };

describe.each([1, 3, 4, 5])('waiting for a lock on a group of %d', (size) => {
  const clients = new Clients();
  let group: LocalGroup;
  let both: readonly TestClient[];
  let here: LockService;
  let there: LockService;

  beforeAll(async () => {
    group = await startLocalGroup({ size });
    both = await Promise.all([clients.connect(group.urls, rarely), clients.connect(group.urls, rarely)]);
    [here, there] = both.map(({ locks }) => locks) as [LockService, LockService];
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  async function untilWaiting(key: string, count: number): Promise<void> {
    await eventually(async () => (await there.inspect(key)).waiting === count);
  }

  async function expectNothingLeft(key: string): Promise<void> {
    await eventually(async () => {
      const { waiting, mode, votes } = await there.inspect(key);
      return waiting === 0 && mode === 'free' && votes.every(({ holders }) => holders.length === 0);
    });
  }

  it('is ended by a release, through a wake-up and not by polling', async () => {
    const key = nextKey();
    const held = await acquireEverywhere(here, key);
    const waiting = there.acquire(key, { waitFor: 8000 });
    await untilWaiting(key, 1);
    const releasedAt = performance.now();
    await held.release();
    const lock = await waiting;
    expect(performance.now() - releasedAt).toBeLessThan(1000);
    expect(lock.token).toBeGreaterThan(held.token);
    expect((await here.inspect(key)).waiting).toBe(0);
  });

  it('is ended in order of arrival, among many waiters of two clients', async () => {
    const key = nextKey();
    const held = await acquireEverywhere(here, key);
    const order: number[] = [];
    const tokens: number[] = [];
    const waiting: Promise<void>[] = [];
    for (let index = 0; index < 12; index++) {
      const work = both[index % 2]!.locks.acquire(key, { waitFor: 20_000 }).then(async (lock) => {
        order.push(index);
        tokens.push(lock.token);
        await pause(1);
        await lock.release();
      });
      waiting.push(work);
      await untilWaiting(key, index + 1);
    }
    await held.release();
    await Promise.all(waiting);
    expect(order).toEqual(order.map((_, index) => index));
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
    await expectNothingLeft(key);
  });

  it('is not in vain though others try again and again without waiting', async () => {
    const key = nextKey();
    const held = await acquireEverywhere(here, key);
    const waiting = there.acquire(key, { waitFor: 8000 });
    await untilWaiting(key, 1);
    let isOver = false;
    const hammer = async (locks: LockService): Promise<void> => {
      while (!isOver) {
        const lock = await locks.tryAcquire(key);
        await pause(1);
        await lock?.release();
      }
    };
    const hammers = [hammer(here), hammer(there)];
    await held.release();
    const releasedAt = performance.now();
    const lock = await waiting;
    expect(performance.now() - releasedAt).toBeLessThan(2000);
    isOver = true;
    await Promise.all([...hammers, lock.release()]);
  });

  it.each([new Error('gone'), 'a text', undefined])(
    'is ended by an abort at once, with the reason of its signal (%s), and leaves nothing behind',
    async (reason) => {
      const key = nextKey();
      const held = await acquireEverywhere(here, key);
      const controller = new AbortController();
      const waiting = there.acquire(key, { waitFor: 8000, signal: controller.signal });
      const outcome = waiting.then(
        () => 'granted',
        (error: unknown) => ({ error, at: performance.now() }),
      );
      await untilWaiting(key, 1);
      const abortedAt = performance.now();
      controller.abort(reason);
      const rejected = (await outcome) as { error: unknown; at: number };
      expect(rejected.error).toBe(controller.signal.reason);
      expect(rejected.at - abortedAt).toBeLessThan(100);
      await untilWaiting(key, 0);
      await held.release();
      await expectNothingLeft(key);
      expect(await here.tryAcquire(key)).not.toBeNull();
    },
  );

  it('leaves nothing behind when many waits are aborted while the lock changes hands', async () => {
    const key = nextKey();
    for (let round = 0; round < 5; round++) {
      const held = await acquireEverywhere(here, key, { waitFor: 5000 });
      const controller = new AbortController();
      const waits = Array.from({ length: 10 }, (_, index) =>
        both[index % 2]!.locks.acquire(key, { waitFor: 8000, signal: controller.signal }),
      );
      const outcomes = Promise.allSettled(waits);
      await untilWaiting(key, 10);
      const releasing = held.release();
      controller.abort();
      await releasing;
      for (const outcome of await outcomes) if (outcome.status === 'fulfilled') await outcome.value.release();
      await expectNothingLeft(key);
    }
  });

  it('does not begin when its signal is aborted already', async () => {
    const key = nextKey();
    const reason = new Error('too late');
    await expect(here.acquire(key, { waitFor: 1000, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect((await here.inspect(key)).token).toBe(0);
  });

  it('is over with the grant: a later abort does not touch the lock', async () => {
    const controller = new AbortController();
    const lock = await here.acquire(nextKey(), { waitFor: 1000, signal: controller.signal });
    controller.abort();
    expect(lock).toMatchObject({ isHeld: true, signal: { aborted: false } });
    expect(await lock.release()).toBe('released');
  });

  it('ends with LockUnavailableError when waitFor has passed, and leaves the line', async () => {
    const key = nextKey();
    const held = await acquireEverywhere(here, key);
    const startedAt = performance.now();
    const error: unknown = await there.acquire(key, { waitFor: 400 }).catch((reason: unknown) => reason);
    const elapsed = performance.now() - startedAt;
    expect(error).toBeInstanceOf(LockUnavailableError);
    const { waited, retryAfter, refusedKeys } = error as LockUnavailableError;
    expect(elapsed).toBeGreaterThanOrEqual(399);
    expect(elapsed).toBeLessThan(900);
    expect(waited).toBeGreaterThanOrEqual(399);
    expect(retryAfter).toBeGreaterThan(0);
    expect(refusedKeys).toEqual([key]);
    expect(await there.tryAcquire(key, { waitFor: 100 })).toBeNull();
    await untilWaiting(key, 0);
    await held.release();
    await expectNothingLeft(key);
    expect(await there.tryAcquire(key)).not.toBeNull();
  });
});

describe('waiting among processes that die', () => {
  const clients = new Clients();
  const processes: ClientProcess[] = [];
  let group: LocalGroup;

  beforeAll(async () => {
    group = await startLocalGroup({ size: 3 });
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((one) => one.kill()));
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  async function startProcess(): Promise<ClientProcess> {
    const started = await ClientProcess.start({ nodes: group.urls });
    processes.push(started);
    return started;
  }

  it('passes over a waiter whose process was killed', async () => {
    const key = nextKey();
    const { locks } = await clients.connect(group.urls, rarely);
    const other = await startProcess();
    const held = await acquireEverywhere(locks, key);
    other.stand(key, { waitFor: 20_000 });
    await eventually(async () => (await locks.inspect(key)).waiting === 1);
    const waiting = locks.acquire(key, { waitFor: 20_000 });
    await eventually(async () => (await locks.inspect(key)).waiting === 2);
    await other.kill();
    const releasedAt = performance.now();
    await held.release();
    await waiting;
    expect(performance.now() - releasedAt).toBeLessThan(1500);
    expect((await locks.inspect(key)).waiting).toBe(0);
  });

  it('passes over a waiter whose process stands still, once its turn has lapsed', async () => {
    const key = nextKey();
    const { locks } = await clients.connect(group.urls);
    const other = await startProcess();
    const held = await acquireEverywhere(locks, key);
    other.stand(key, { waitFor: 20_000 });
    await eventually(async () => (await locks.inspect(key)).waiting === 1);
    const waiting = locks.acquire(key, { waitFor: 20_000 });
    await eventually(async () => (await locks.inspect(key)).waiting === 2);
    other.pause();
    const releasedAt = performance.now();
    await held.release();
    const lock = await waiting;
    expect(performance.now() - releasedAt).toBeLessThan(3000);
    expect(lock.isHeld).toBe(true);
  });

  it('gives the lock to a waiter when the holder was killed, after its ttl and not before', async () => {
    const key = nextKey();
    const { locks } = await clients.connect(group.urls, rarely);
    const holder = await startProcess();
    await holder.acquire(key, { ttl: 1000 });
    const waiting = locks.acquire(key, { waitFor: 20_000 });
    await eventually(async () => (await locks.inspect(key)).waiting === 1);
    const { holders } = await locks.inspect(key);
    const seenAt = performance.now();
    await holder.kill();
    await waiting;
    const elapsed = performance.now() - seenAt;
    expect(elapsed).toBeGreaterThanOrEqual(holders[0]!.remaining - 20);
    expect(elapsed).toBeLessThan(2500);
  });

  it('goes on by polling when the wake-up is lost because subscriptions were cut', async () => {
    const key = nextKey();
    const { locks: holders } = await clients.connect(group.urls);
    const { locks } = await clients.connect(group.urls, { lock: { pollInterval: 200 } });
    const held = await acquireEverywhere(holders, key, { ttl: 20_000 });
    const waiting = [1, 2, 3].map(() => locks.acquire(key, { waitFor: 20_000 }));
    const took: number[] = [];
    const done = waiting.map(async (one) => {
      const lock = await one;
      took.push(performance.now());
      await lock.release();
    });
    await eventually(async () => (await locks.inspect(key)).waiting === 3);
    await Promise.all(group.members.map((member) => member.command('CLIENT', 'KILL', 'TYPE', 'pubsub')));
    const releasedAt = performance.now();
    await held.release();
    await Promise.all(done);
    expect(Math.max(...took) - releasedAt).toBeLessThan(4000);
    await eventually(async () => (await locks.inspect(key)).waiting === 0);
  });
});
