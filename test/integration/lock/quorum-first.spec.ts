import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lock } from '../../../lib/lock/lock.js';
import type { LockOptions } from '../../../lib/lock/lock-options.js';
import { keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { LinkedGroup } from '../../support/linked-group.js';

const nextKey = keyMaker();

describe('a lock that nobody else wants', () => {
  let linked: LinkedGroup;
  let client: TestClient;

  beforeAll(async () => {
    // a poll is later than the end of each wait: whoever gets the lock was woken
    linked = await LinkedGroup.start(5, {
      requestTimeout: 5000,
      maxOperationTime: 10_000,
      lock: { pollInterval: 2000 },
    });
    client = linked.client;
  });
  afterAll(() => linked[Symbol.asyncDispose]());

  /** Indexes of the members that have a record of the key. */
  async function knownTo(key: string): Promise<number[]> {
    const found = await Promise.all(linked.group.members.map((one) => one.command('EXISTS', `majority:lock:${key}`)));
    return found.flatMap((exists, index) => (exists === 1 ? [index] : []));
  }

  /** One that only a quorum was asked for: once a second all are. */
  async function acquireThriftily(options?: LockOptions): Promise<{ key: string; lock: Lock; asked: number[] }> {
    return eventually(async () => {
      const key = nextKey();
      const lock = await client.locks.acquire(key, options);
      const asked = await knownTo(key);
      if (asked.length === 3) return { key, lock, asked };
      await lock.release();
      return undefined;
    });
  }

  it('is asked of a quorum, given back there, and known nowhere else', async () => {
    const { key, lock, asked } = await acquireThriftily();
    expect(await lock.release()).toBe('released');
    expect(await knownTo(key)).toEqual(asked);
    expect((await client.locks.inspect(key)).mode).toBe('free');
  });

  it('is told to the others while it is held', async () => {
    const { key, lock } = await acquireThriftily();
    await eventually(async () => {
      const { votes } = await client.locks.inspect(key);
      return votes.every(({ holders }) => holders[0]?.holder === lock.holder);
    });
    await lock.release();
  });

  it.each([
    ['that does not extend itself', { autoExtend: false }],
    ['that is held for a time at most', { maxHold: 60_000 }],
    ['that is kept for a time at least', { minHold: 1 }],
    ['that is shared', { mode: 'shared' }],
  ] as const)('is asked of all members where it is one %s', async (_, options) => {
    const key = nextKey();
    const lock = await client.locks.acquire(key, options);
    await eventually(async () => (await knownTo(key)).length === 5);
    await lock.release();
  });

  it('is refused to others, who ask the same quorum first or all', async () => {
    const { key, lock } = await acquireThriftily();
    const other = await linked.connect();
    for (let i = 0; i < 5; i++) expect(await other.locks.tryAcquire(key)).toBeNull();
    await lock.release();
  });

  it('is known to its home: who waits is woken by its release, in the order in which they came', async () => {
    for (let i = 0; i < 5; i++) {
      const { key, lock: held } = await acquireThriftily();
      const order: string[] = [];
      const take = async (name: string): Promise<void> => {
        const other = await linked.connect();
        await using _ = await other.locks.acquire(key, { waitFor: 1500 });
        order.push(name);
      };
      const waits = [take('first')];
      await eventually(async () => (await client.locks.inspect(key)).waiting === 1);
      waits.push(take('second'));
      await eventually(async () => (await client.locks.inspect(key)).waiting === 2);
      await held.release();
      await Promise.all(waits);
      expect(order).toEqual(['first', 'second']);
    }
  });

  it('outlives the loss of members that granted it', async () => {
    const { key, lock, asked } = await acquireThriftily({ ttl: 1000 });
    const [first, second] = asked;
    await eventually(async () => (await knownTo(key)).length === 5);
    await linked.cut(first!, second!);
    const until = lock.remaining;
    await lock.extend();
    expect(lock.remaining).toBeGreaterThanOrEqual(until);
    expect(await lock.release()).toBe('released');
    await linked.restore(first!, second!);
  });

  it('does not wait for a member that hangs, though it was asked first, and is not suspect yet', async () => {
    const { lock, asked } = await acquireThriftily();
    await lock.release();
    const [index] = asked;
    const frozen = linked.group.members[index!]!;
    frozen.freeze();
    try {
      for (let i = 0; i < 10; i++) {
        const next = await client.locks.acquire(nextKey());
        expect(await next.release()).toBe('released');
      }
      expect(client.group.status().members[index!]!.state).toBe('voting');
    } finally {
      frozen.thaw();
    }
  });

  it('is given back when a member that granted it is gone', async () => {
    const { key, lock, asked } = await acquireThriftily();
    await linked.cut(asked[0]!);
    expect(await lock.release()).toBe('released');
    expect((await client.locks.inspect(key)).mode).toBe('free');
    await linked.restore(asked[0]!);
  });
});
