import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LockUnavailableError } from '../../../lib/errors.js';
import type { LockService } from '../../../lib/lock/lock.service.js';
import { acquireEverywhere, Clients, keyMaker } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { everyGroup, type TestGroup } from '../../support/groups.js';
import { stays } from '../../support/stays.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextKey = keyMaker();
const shared = { mode: 'shared', ttl: 5000 } as const;

describe.each(everyGroup)('shared locks on $on', ({ open }) => {
  const clients = new Clients();
  let group: TestGroup;
  let here: LockService;
  let there: LockService;

  beforeAll(async () => {
    group = await open();
    [{ locks: here }, { locks: there }] = await Promise.all([
      clients.connect(group.nodes),
      clients.connect(group.nodes),
    ]);
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  it('are held by many readers of several clients together', async () => {
    const key = nextKey();
    const readers = await Promise.all([here, there, here, there].map((locks) => locks.acquire(key, shared)));
    expect(readers.map(({ isHeld, mode }) => `${mode} ${isHeld}`)).toEqual(Array(4).fill('shared true'));
    const state = await here.inspect(key);
    expect(state.mode).toBe('shared');
    expect(state.holders.map(({ holder }) => holder).sort()).toEqual(readers.map(({ holder }) => holder).sort());
  });

  it('keep a writer out until the last reader has let go', async () => {
    const key = nextKey();
    const [one, two] = [await here.acquire(key, shared), await there.acquire(key, shared)];
    const refusal: unknown = await there.acquire(key).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(LockUnavailableError);
    expect((refusal as LockUnavailableError).retryAfter).toBeGreaterThan(3000);
    expect(await one.release()).toBe('released');
    expect(await there.tryAcquire(key)).toBeNull();
    expect((await here.inspect(key)).holders).toMatchObject([{ holder: two.holder }]);
    expect(await two.release()).toBe('released');
    expect(await there.tryAcquire(key)).not.toBeNull();
  });

  it('are refused while a writer holds', async () => {
    const key = nextKey();
    const writer = await acquireEverywhere(here, key);
    expect(await here.tryAcquire(key, shared)).toBeNull();
    expect(await there.tryAcquire(key, shared)).toBeNull();
    await writer.release();
    expect(await there.tryAcquire(key, shared)).not.toBeNull();
  });

  it('carry tokens above those of earlier writers, and a writer one above those of earlier readers', async () => {
    const key = nextKey();
    let latest = 0;
    for (let round = 0; round < 10; round++) {
      const readers = [await here.acquire(key, shared), await there.acquire(key, shared)];
      for (const { token } of readers) expect(token).toBeGreaterThan(latest);
      await Promise.all(readers.map((reader) => reader.release()));
      const writer = await [here, there][round % 2]!.acquire(key, { waitFor: 5000 });
      for (const { token } of readers) expect(writer.token).toBeGreaterThan(token);
      latest = writer.token;
      await writer.release();
    }
  });

  it('extend themselves past several ttls, each for itself', async () => {
    const key = nextKey();
    const readers = await Promise.all([here, there].map((locks) => locks.acquire(key, { mode: 'shared', ttl: 300 })));
    await stays(() => readers.every(({ isHeld }) => isHeld), { for: 1000 });
    expect(await here.tryAcquire(key)).toBeNull();
    await readers[0]!.release();
    await stays(() => readers[1]!.isHeld, { for: 500 });
    expect(await here.tryAcquire(key)).toBeNull();
  });

  it('let a waiting writer in though readers keep coming, and go on after it', async () => {
    const key = nextKey();
    let reads = 0;
    let isOver = false;
    const reader = async (locks: LockService, delay: number): Promise<void> => {
      await pause(delay);
      while (!isOver) {
        await using _ = await locks.acquire(key, { mode: 'shared', ttl: 2000, waitFor: 10_000 });
        reads += 1;
        await pause(20);
      }
    };
    // staggered, so that at every moment somebody reads
    const readers = [0, 5, 10, 15].map((delay, index) => reader(index % 2 ? here : there, delay));
    await eventually(() => reads >= 12);

    const askedAt = performance.now();
    const writer = await there.acquire(key, { waitFor: 8000 });
    expect(performance.now() - askedAt).toBeLessThan(2000);
    const readsBefore = reads;
    expect((await here.inspect(key)).mode).toBe('exclusive');
    expect(reads).toBe(readsBefore);
    await writer.release();

    await eventually(() => reads >= readsBefore + 12);
    isOver = true;
    await Promise.all(readers);
  });

  it('are granted to all waiting readers together after a writer', async () => {
    const key = nextKey();
    const writer = await acquireEverywhere(here, key);
    const waiting = [here, there, here].map((locks) => locks.acquire(key, { ...shared, waitFor: 8000 }));
    await eventually(async () => (await here.inspect(key)).waiting === 3);
    await writer.release();
    const readers = await Promise.all(waiting);
    expect(readers.map(({ isHeld }) => isHeld)).toEqual([true, true, true]);
  });
});
