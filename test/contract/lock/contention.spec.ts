import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lock } from '../../../lib/lock/lock.js';
import { Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { everyGroup, type TestGroup } from '../../support/groups.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextKey = keyMaker();

describe.each(everyGroup)('contention on $on', ({ size, open }) => {
  const clients = new Clients();
  let group: TestGroup;
  let three: readonly TestClient[];

  beforeAll(async () => {
    group = await open();
    three = await Promise.all([1, 2, 3].map(() => clients.connect(group.nodes)));
    // so that what follows is the group's ordinary life
    await eventually(() => three.every(({ group: seen }) => seen.status().voting === size));
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  /** So many at once on one key, spread over the clients. */
  async function rush(key: string, count: number, mode: Lock['mode'] = 'exclusive'): Promise<Lock[]> {
    const tries = Array.from({ length: count }, (_, index) => three[index % 3]!.locks.tryAcquire(key, { mode }));
    return (await Promise.all(tries)).filter((lock) => lock !== null);
  }

  it.each([2, 3, 24, 100])('lets exactly one of %d win that try one free lock at the same moment', async (count) => {
    const key = nextKey();
    const wins: number[] = [];
    let latest = 0;
    for (let round = 0; round < 20; round++) {
      const winners = await rush(key, count);
      wins.push(winners.length);
      for (const { token } of winners) {
        expect(token).toBeGreaterThan(latest);
        latest = token;
      }
      await Promise.all(winners.map((lock) => lock.release()));
    }
    expect(wins).toEqual(Array(20).fill(1));
  });

  it('lets all of 24 readers win that try one free lock at the same moment', async () => {
    const readers = await rush(nextKey(), 24, 'shared');
    expect(readers).toHaveLength(24);
  });

  it('grants, holds and releases 1,000 locks at once', async () => {
    const keys = Array.from({ length: 1000 }, nextKey);
    const taken = await Promise.all(keys.map((key, index) => three[index % 3]!.locks.acquire(key, { ttl: 20_000 })));
    expect(taken.every(({ isHeld }) => isHeld)).toBe(true);
    expect(new Set(taken.map(({ holder }) => holder)).size).toBe(1000);
    const second = await Promise.all(keys.map((key, index) => three[(index + 1) % 3]!.locks.tryAcquire(key)));
    expect(second.filter((lock) => lock !== null)).toEqual([]);
    const outcomes = await Promise.all(taken.map((lock) => lock.release()));
    expect(new Set(outcomes)).toEqual(new Set(['released']));
    const third = await Promise.all(keys.map((key) => three[0]!.locks.tryAcquire(key)));
    expect(third.filter((lock) => lock === null)).toEqual([]);
  });

  it('was no event: no lost lock, no warning, no member that stopped voting', () => {
    const isUnwanted = (event: TestClient['events'][number]): boolean =>
      event.type === 'lock-lost' ||
      event.type === 'warning' ||
      (event.type === 'member' && /suspect|down/.test(event.state));
    expect(three.flatMap(({ events }) => events.filter(isUnwanted))).toEqual([]);
  });
});
