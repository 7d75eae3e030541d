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
const nextKeys = (count: number): string[] => Array.from({ length: count }, nextKey);

async function refusalOf(attempt: Promise<unknown>): Promise<LockUnavailableError> {
  const error: unknown = await attempt.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(LockUnavailableError);
  return error as LockUnavailableError;
}

describe.each(everyGroup)('locks of several keys on $on', ({ open }) => {
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

  /** Whether no member has a holder on record, leftovers included. */
  async function areFree(keys: readonly string[]): Promise<boolean> {
    const states = await Promise.all(keys.map((key) => there.inspect(key)));
    return states.every(({ votes }) => votes.every(({ said, holders }) => said === 'free' && holders.length === 0));
  }

  it('are granted together, under one token and one holder', async () => {
    const keys = nextKeys(3);
    const earlier = await there.acquire(keys[1]!);
    await earlier.release();
    const lock = await here.acquire(keys);
    expect(lock.token).toBeGreaterThan(earlier.token);
    for (const key of keys) {
      const state = await there.inspect(key);
      expect(state).toMatchObject({ mode: 'exclusive', token: lock.token, holders: [{ holder: lock.holder }] });
      expect(await there.tryAcquire(key)).toBeNull();
    }
    expect(await lock.release()).toBe('released');
    await eventually(() => areFree(keys));
  });

  it('are refused all when one is held; the error tells which, and the others stay free', async () => {
    const keys = nextKeys(4);
    const held = await acquireEverywhere(there, keys[2]!);
    const { keys: asked, refusedKeys, message } = await refusalOf(here.acquire(keys));
    expect(asked).toEqual([...keys].sort());
    expect(refusedKeys).toEqual([keys[2]]);
    expect(message).toContain(keys[2]);
    expect(message).not.toContain(keys[0]);
    await eventually(() => areFree(keys.filter((key) => key !== keys[2])));
    expect(await here.tryAcquire(keys)).toBeNull();
    await held.release();
    expect(await here.tryAcquire(keys)).not.toBeNull();
  });

  it('name every refused key when several are held', async () => {
    const keys = nextKeys(4);
    await Promise.all([there.acquire(keys[0]!), there.acquire(keys[3]!)]);
    const { refusedKeys } = await refusalOf(here.acquire(keys));
    expect([...refusedKeys].sort()).toEqual([keys[0], keys[3]].sort());
  });

  it('count a key given twice once', async () => {
    const key = nextKey();
    const lock = await here.acquire([key, key]);
    expect(lock.keys).toEqual([key]);
  });

  it('are granted to a waiter once the last of several holders has let go', async () => {
    const keys = nextKeys(3);
    const first = await acquireEverywhere(there, keys[0]!);
    const last = await acquireEverywhere(there, keys[2]!);
    let isGranted = false;
    const waiting = here.acquire(keys, { waitFor: 8000 }).finally(() => (isGranted = true));
    await eventually(async () => (await there.inspect(keys[0]!)).waiting === 1);
    await first.release();
    await eventually(async () => (await there.inspect(keys[2]!)).waiting === 1);
    expect(isGranted).toBe(false);
    await last.release();
    const lock = await waiting;
    expect(lock).toMatchObject({ isHeld: true, keys: [...keys].sort() });
    expect(lock.token).toBeGreaterThan(last.token);
    for (const key of keys) expect((await there.inspect(key)).holders).toMatchObject([{ holder: lock.holder }]);
  });

  it('keep what a waiter has of them while it waits longer than a ttl, and let all go when it gives up', async () => {
    const keys = nextKeys(2);
    const held = await acquireEverywhere(there, keys[1]!);
    const attempt = refusalOf(here.acquire(keys, { ttl: 300, waitFor: 1200 }));
    await eventually(async () => (await there.inspect(keys[1]!)).waiting === 1);
    await stays(async () => (await there.tryAcquire(keys[0]!)) === null, { for: 600 });
    const { refusedKeys, waited } = await attempt;
    expect(refusedKeys).toEqual([keys[1]]);
    expect(waited).toBeGreaterThanOrEqual(1200);
    await eventually(() => areFree([keys[0]!]));
    await held.release();
    await eventually(async () => (await areFree(keys)) && (await there.inspect(keys[1]!)).waiting === 0);
  });

  it('let all go when the wait is aborted', async () => {
    const keys = nextKeys(2);
    const held = await acquireEverywhere(there, keys[1]!);
    const controller = new AbortController();
    const attempt = here.acquire(keys, { waitFor: 8000, signal: controller.signal });
    await eventually(async () => (await there.inspect(keys[1]!)).waiting === 1);
    const reason = new Error('changed my mind');
    controller.abort(reason);
    await expect(attempt).rejects.toBe(reason);
    await held.release();
    await eventually(async () => (await areFree(keys)) && (await there.inspect(keys[1]!)).waiting === 0);
  });

  it('do not deadlock two clients that name them in opposite orders, and exclude each other', async () => {
    const keys = nextKeys(2);
    let inside = 0;
    let most = 0;
    const worker = async (locks: LockService, order: string[]): Promise<void> => {
      for (let round = 0; round < 8; round++) {
        await using lock = await locks.acquire(order, { waitFor: 15_000 });
        most = Math.max(most, ++inside);
        await pause(2);
        expect(lock.isHeld).toBe(true);
        inside -= 1;
      }
    };
    const opposite = [...keys].reverse();
    await Promise.all([worker(here, keys), worker(there, opposite), worker(here, opposite), worker(there, keys)]);
    expect(most).toBe(1);
  });

  it('exclude each other when they overlap in one key only', async () => {
    const [a, b, c] = nextKeys(3) as [string, string, string];
    let inside = 0;
    let most = 0;
    const worker = async (locks: LockService, keys: string[]): Promise<void> => {
      for (let round = 0; round < 6; round++) {
        await using _ = await locks.acquire(keys, { waitFor: 15_000 });
        most = Math.max(most, ++inside);
        await pause(2);
        inside -= 1;
      }
    };
    // each two of them share a key
    await Promise.all([worker(here, [a, b]), worker(there, [b, c]), worker(there, [c, a])]);
    expect(most).toBe(1);
  });

  it('may be shared, beside other readers and without writers', async () => {
    const keys = nextKeys(2);
    const reader = await there.acquire(keys[0]!, { mode: 'shared' });
    const both = await here.acquire(keys, { mode: 'shared' });
    expect(await there.tryAcquire(keys[1]!)).toBeNull();
    expect((await refusalOf(there.acquire(keys))).refusedKeys).toEqual([...keys].sort());
    await Promise.all([reader.release(), both.release()]);
    expect(await there.tryAcquire(keys)).not.toBeNull();
  });

  it('extend together past several ttls', async () => {
    const keys = nextKeys(3);
    const lock = await here.acquire(keys, { ttl: 300 });
    await stays(() => lock.isHeld, { for: 1000 });
    for (const key of keys) expect(await there.tryAcquire(key)).toBeNull();
  });
});
