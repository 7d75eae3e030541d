import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextQueue = keyMaker('queue');
const hour = 3_600_000;

describe('clients whose clocks are wrong', () => {
  const clients = new Clients();
  let group: LocalGroup;
  const realNow = Date.now;

  beforeAll(async () => {
    group = await startLocalGroup({ size: 3 });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  /** A new client, while the wall clock of this machine is wrong by so much. */
  async function at(offset: number): Promise<TestClient['queues']> {
    vi.spyOn(Date, 'now').mockImplementation(() => realNow() + offset);
    return (await clients.connect(group.urls, { queue: { antiEntropyInterval: 100 } })).queues;
  }

  it.each([-400 * 24 * hour, -5 * hour, 5 * hour, 400 * 24 * hour])(
    'by %d ms put and get as any other',
    async (offset) => {
      const queue = nextQueue();
      const queues = await at(offset);
      const { id } = await queues.put(queue, 1, { id: `order-${offset}` });
      const own = await queues.put(queue, 2);
      expect(Math.abs(Number(own.id.slice(0, 16)) / 1000 - realNow())).toBeLessThan(5000);
      expect(await queues.state(queue, id)).toBe('ready');
      const [first, second] = await queues.get(queue, { count: 2 });
      expect([first!.body, second!.body]).toEqual([1, 2]);
      expect(Math.abs(first!.createdAt.getTime() - realNow())).toBeLessThan(5000);
      await first!.ack();
      await second!.nack({ delay: 0 });
      const [again] = await queues.get(queue, { waitFor: 5000 });
      expect(again).toMatchObject({ attempt: 2, body: 2 });
      await again!.ack();
      expect(await queues.get(queue)).toEqual([]);
    },
  );

  it('get growing tokens from each other, in whatever order', async () => {
    const queue = nextQueue();
    const all = [await at(5 * hour), await at(-5 * hour), await at(0), await at(400 * 24 * hour), await at(-hour)];
    await all[0]!.put(queue, 1, { maxAttempts: 100 });
    let last = 0;
    for (let round = 0; round < 20; round++) {
      const [delivery] = await all[(round * 3) % all.length]!.get(queue, { waitFor: 5000 });
      expect(delivery!.token).toBeGreaterThan(last);
      last = delivery!.token;
      await delivery!.nack({ delay: 0 });
    }
    expect(Math.abs(last / 1000 - realNow())).toBeLessThan(60_000);
  });

  it('keep the order in which each of them put messages, and put none hours before or behind the others', async () => {
    const queue = nextQueue();
    const producers = [await at(5 * hour), await at(-5 * hour), await at(0)];
    for (let body = 0; body < 12; body++) await producers[body % 3]!.put(queue, body);
    const got = await producers[1]!.get(queue, { count: 12 });
    expect(got.map(({ body }) => body).toSorted((x, y) => Number(x) - Number(y))).toEqual(
      Array.from({ length: 12 }, (_, i) => i),
    );
    for (const producer of [0, 1, 2]) {
      const own = got.map(({ body }) => Number(body)).filter((body) => body % 3 === producer);
      expect(own).toEqual([0, 3, 6, 9].map((body) => body + producer));
    }
    for (const { createdAt } of got) expect(Math.abs(createdAt.getTime() - realNow())).toBeLessThan(60_000);
    await Promise.all(got.map((delivery) => delivery.ack()));
  });

  it('that is set while they run goes on unharmed', async () => {
    const queue = nextQueue();
    const queues = await at(0);
    await queues.put(queue, 1);
    const [held] = await queues.get(queue, { lease: 500 });
    vi.spyOn(Date, 'now').mockImplementation(() => realNow() - 7 * hour);
    await queues.put(queue, 2);
    await eventually(() => held!.isHeld);
    vi.spyOn(Date, 'now').mockImplementation(() => realNow() + 7 * hour);
    await queues.put(queue, 3);
    expect(held!.isHeld).toBe(true);
    await held!.ack();
    const rest = await queues.get(queue, { count: 5 });
    expect(rest.map(({ body }) => body)).toEqual([2, 3]);
    await Promise.all(rest.map((delivery) => delivery.ack()));
  });
});
