import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isMajorityRedisError } from '../../../lib/errors.js';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { acquireEverywhere, Clients } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

async function start(size = 3): Promise<{ group: LocalGroup; clients: Clients }> {
  const clients = new Clients();
  const group = await startLocalGroup({ size });
  onTestFinished(async () => {
    await clients.close();
    await group.stop();
  });
  return { group, clients };
}

describe.each([1, 3, 4, 5])('close() of a client of a group of %d', (size) => {
  it('releases every lock it holds, so that others get them at once', async () => {
    const { group, clients } = await start(size);
    const [client, other] = await Promise.all([clients.connect(group.urls), clients.connect(group.urls)]);
    const exclusive = await client.locks.acquire('exclusive', { ttl: 60_000 });
    const shared = await client.locks.acquire('shared', { ttl: 60_000, mode: 'shared' });
    await client.locks.acquire(['several-1', 'several-2'], { ttl: 60_000 });
    await client.close();
    for (const key of ['exclusive', 'shared', 'several-1', 'several-2']) {
      expect(await other.locks.tryAcquire(key)).not.toBeNull();
    }
    for (const lock of [exclusive, shared]) {
      expect(lock).toMatchObject({ isHeld: false, remaining: 0 });
      expect(await lock.release()).toBe('released');
    }
  });

  it('rejects those that wait, with a named error and at once, and takes them out of the line', async () => {
    const { group, clients } = await start(size);
    const [client, other] = await Promise.all([clients.connect(group.urls), clients.connect(group.urls)]);
    const held = await acquireEverywhere(other.locks, 'some');
    const waits = Array.from({ length: 5 }, () => client.locks.acquire('some', { waitFor: 30_000 }));
    const outcomes = Promise.allSettled(waits);
    await eventually(async () => (await other.locks.inspect('some')).waiting === 5);
    const closedAt = performance.now();
    await client.close();
    for (const outcome of await outcomes) {
      expect(outcome.status).toBe('rejected');
      expect(isMajorityRedisError((outcome as PromiseRejectedResult).reason)).toBe(true);
      expect(String((outcome as PromiseRejectedResult).reason)).toContain('is closing');
    }
    expect(performance.now() - closedAt).toBeLessThan(1000);
    await held.release();
    expect(await other.locks.tryAcquire('some')).not.toBeNull();
    await eventually(async () => (await other.locks.inspect('some')).waiting === 0);
  });
});

describe('close()', () => {
  it('may be called twice, at once and later, and by `await using`', async () => {
    const { group, clients } = await start();
    const client = await clients.connect(group.urls);
    await client.locks.acquire('some');
    await Promise.all([client.close(), client.close()]);
    await client.close();
    await client[Symbol.asyncDispose]();
  });

  it('makes every later operation fail with a named error, without delay', async () => {
    const { group, clients } = await start();
    const client = await clients.connect(group.urls);
    const { locks } = client;
    const lock = await locks.acquire('held');
    await client.close();
    const operations: (() => Promise<unknown>)[] = [
      () => locks.acquire('some'),
      () => locks.tryAcquire('some'),
      () => locks.acquire('some', { waitFor: 5000 }),
      () => locks.acquire(['some', 'other'], { waitFor: 5000 }),
      () => locks.acquire('some', { mode: 'shared' }),
      () => locks.using('some', () => 'ran'),
      () => locks.inspect('some'),
      () => lock.extend(),
    ];
    for (const operation of operations) {
      const startedAt = performance.now();
      const error: unknown = await operation().catch((reason: unknown) => reason);
      expect(isMajorityRedisError(error), String(error)).toBe(true);
      expect(performance.now() - startedAt).toBeLessThan(200);
    }
    expect(client.group.status()).toMatchObject({ voting: 0, hasQuorum: false });
  });

  it('leaves nothing held when a lock is granted while it closes', async () => {
    const { group, clients } = await start();
    const other = await clients.connect(group.urls);
    for (let round = 0; round < 10; round++) {
      const client = await clients.connect(group.urls);
      const asked = client.locks.acquire(`key-${round}`, { ttl: 60_000, waitFor: round % 2 ? 5000 : 0 });
      const outcome = asked.then(
        (lock) => lock,
        (error: unknown) => error,
      );
      await client.close();
      const result = await outcome;
      if (!isMajorityRedisError(result)) expect(result).toMatchObject({ isHeld: false });
      await eventually(() => other.locks.tryAcquire(`key-${round}`), { within: 2000 });
    }
  });

  it('ends its connections and no others, and completes events$', async () => {
    const { group, clients } = await start();
    const connectionsAt = async (index: number): Promise<number> =>
      String(await group.members[index]!.command('CLIENT', 'LIST'))
        .trim()
        .split('\n').length - 1;
    const other = await clients.connect(group.urls);
    await eventually(() => other.group.status().voting === 3);
    const before = await connectionsAt(0);
    const client = await clients.connect(group.urls);
    const held = await acquireEverywhere(other.locks, 'some');
    const waiting = client.locks.acquire('some', { waitFor: 5000 });
    await eventually(async () => (await other.locks.inspect('some')).waiting === 1);
    await held.release();
    await waiting;
    const completed = lastValueFrom(client.group.events$.pipe(toArray()));
    await client.close();
    await completed;
    for (const index of [0, 1, 2]) await eventually(async () => (await connectionsAt(index)) === before);
    expect(await other.locks.tryAcquire('some')).not.toBeNull();
  });

  it('is bounded by the request timeout when members are frozen', async () => {
    const { group, clients } = await start();
    const client = await clients.connect(group.urls, { requestTimeout: 300 });
    const lock = await client.locks.acquire('some', { ttl: 60_000 });
    for (const member of group.members) member.freeze();
    const startedAt = performance.now();
    await client.close();
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(await lock.release()).toBe('unconfirmed');
  });
});
