import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LockUnavailableError } from '../../../lib/errors.js';
import type { LockService } from '../../../lib/lock/lock.service.js';
import { acquireEverywhere, Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { everyGroup, type TestGroup } from '../../support/groups.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextKey = keyMaker();
/** Rarely polls: what is granted sooner was woken. */
const rarely = { lock: { pollInterval: 2000 } };

describe.each(everyGroup)('waiting for a lock on $on', ({ open }) => {
  const clients = new Clients();
  let group: TestGroup;
  let both: readonly TestClient[];
  let here: LockService;
  let there: LockService;

  beforeAll(async () => {
    group = await open();
    both = await Promise.all([clients.connect(group.nodes, rarely), clients.connect(group.nodes, rarely)]);
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
