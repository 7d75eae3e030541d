import { describe, expect, it } from 'vitest';
import { passes, play } from './play.js';

const puts = 50;

/** Virtual ms from each put to its delivery by a consumer of another client that had nothing to do. */
function wakeUps(groupSize: number): Promise<number[]> {
  return play(
    async (world) => {
      const [ada, bob] = await Promise.all(world.clients.map((client) => client.actor()));
      const times: number[] = [];
      let putAt = 0;
      const consumption = bob!.redis.queues.consume('mail').subscribe((delivery) => {
        times.push(world.now() - putAt);
        void delivery.ack();
      });
      for (let count = 1; count <= puts; count++) {
        await passes(world, 100);
        putAt = world.now();
        await ada!.redis.queues.put('mail', count);
        while (times.length < count) await passes(world, 1);
      }
      consumption.unsubscribe();
      return times;
    },
    { groupSize, memberClocks: Array.from({ length: groupSize }, () => ({ offset: 0, rate: 1 })) },
  );
}

/** Virtual ms of reads, each one round trip to a quorum. */
function roundTrips(groupSize: number): Promise<number[]> {
  return play(
    async (world) => {
      const [ada] = await Promise.all(world.clients.map((client) => client.actor()));
      const times: number[] = [];
      for (let count = 0; count < puts; count++) {
        const askedAt = world.now();
        await ada!.redis.kv.get('a');
        times.push(world.now() - askedAt);
      }
      return times;
    },
    { groupSize, memberClocks: Array.from({ length: groupSize }, () => ({ offset: 0, rate: 1 })) },
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

describe('an idle consumer', () => {
  it.each([3, 5])('has what is put within three round trips, in the median (group of %d)', async (size) => {
    const roundTrip = median(await roundTrips(size));
    const woken = median(await wakeUps(size));
    console.log(`${(woken / roundTrip).toFixed(2)} round trips`);
    expect(woken).toBeLessThanOrEqual(3 * roundTrip);
  });
});
