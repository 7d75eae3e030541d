import { describe, expect, it } from 'vitest';
import { read } from '../support/repository.js';
import { passes, play } from './play.js';
import type { World } from './world.js';

/** Round trips in ms from the zone of the clients to each member, as between zones and regions of public clouds. */
const layouts = {
  'all in one zone': [0.2, 0.2, 0.2],
  'one in each of three zones': [0.2, 1, 1],
  'five in three zones': [0.2, 0.2, 1, 1, 1],
  'one in each of three regions': [0.2, 12, 25],
  'two in the own region, three in two others': [0.2, 1, 12, 25, 25],
  'three in the own region, one in each of two others': [0.2, 1, 1, 12, 25],
};
type Layout = keyof typeof layouts;

const repetitions = 30;

/** Virtual ms that each act takes in the median, for clients of one zone. */
async function times(world: World, roundTrips: readonly number[]): Promise<Record<string, number>> {
  for (const client of world.clients) {
    for (const [index, link] of client.links.entries()) link.setDistance(roundTrips[index]! / 2);
  }
  const [ada, bob] = await Promise.all(world.clients.map((client) => client.actor()));
  while (ada!.redis.group.status().voting < roundTrips.length) await passes(world, 10);
  const { locks, kv, queues } = ada!.redis;
  const taken: Record<string, number[]> = {};
  const time = async <T>(act: string, call: () => Promise<T>): Promise<T> => {
    const from = world.now();
    const result = await call();
    (taken[act] ??= []).push(world.now() - from);
    return result;
  };
  let delivered = 0;
  const consumption = bob!.redis.queues.consume('mail').subscribe((delivery) => {
    delivered += 1;
    void delivery.ack();
  });
  for (let count = 1; count <= repetitions; count++) {
    await passes(world, 200);
    const lock = await time('acquire', () => locks.acquire(`lock-${count}`));
    await time('release', () => lock.release());
    await time('first set', () => kv.set(`key-${count}`, count));
    await time('get', () => kv.get(`key-${count}`));
    await time('set again', () => kv.set(`key-${count}`, -count));
    await passes(world, 200);
    const sent = (async () => {
      await queues.put('mail', count);
    })();
    await time('delivery', async () => {
      while (delivered < count) await passes(world, 0.05);
    });
    await sent;
    await time('put', () => queues.put('others', count));
  }
  consumption.unsubscribe();
  return Object.fromEntries(Object.entries(taken).map(([act, all]) => [act, median(all)]));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function measure(layout: Layout): Promise<Record<string, number>> {
  const roundTrips = layouts[layout];
  const groupSize = roundTrips.length;
  const memberClocks = roundTrips.map(() => ({ offset: 0, rate: 1 }));
  return play((world) => times(world, roundTrips), { groupSize, memberClocks });
}

/** How many round trips to the majority-th nearest member each act takes. */
const roundTripsOf = { acquire: 1, release: 1, get: 1, 'first set': 2, 'set again': 1, put: 1, delivery: 1 };

describe.each(Object.keys(layouts) as Layout[])('members %s', (layout) => {
  it('take as long as the majority-th nearest of them, and as the guide says', async () => {
    const found = await measure(layout);
    const near = layouts[layout].toSorted((a, b) => a - b);
    const quorumTrip = near[Math.floor(near.length / 2)]!;
    for (const [act, trips] of Object.entries(roundTripsOf)) {
      expect(found[act], act).toBeGreaterThan(trips * quorumTrip * 0.9);
      // a call gathers for a moment, and is executed
      expect(found[act], act).toBeLessThan(trips * quorumTrip * 1.1 + 0.3);
    }
    const columns = ['acquire', 'release', 'get', 'first set', 'set again', 'put', 'delivery'];
    const row = [layout, near.join(', '), ...columns.map((act) => found[act]!.toFixed(found[act]! < 10 ? 1 : 0))];
    const told = [...read('docs/guides/operations.md').matchAll(/^\| (.+) \|$/gm)].map(([, cells]) =>
      cells!.split('|').map((cell) => cell.trim()),
    );
    expect(told).toContainEqual(row);
  });
});
