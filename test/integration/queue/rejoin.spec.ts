import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually as look } from '../../support/eventually.js';
import { keyMaker } from '../../support/clients.js';
import { LinkedGroup } from '../../support/linked-group.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
vi.setConfig({ testTimeout: 120_000 });
/** A floor rises, and a member is brought back, within some seconds. */
const eventually = (condition: () => Promise<void>) =>
  look(() => condition().then(() => true), { within: 40_000, every: 50 });
const nextQueue = keyMaker('queue');
const options = {
  maxOperationTime: 1000,
  queue: { antiEntropyInterval: 3_600_000, pollInterval: 200, backoff: { type: 'fixed', delay: 0 } },
} as const;

describe.each([0, 1, 2])('a member of three, number %d, that restarts empty', (index) => {
  let site: LinkedGroup;
  let queues: LinkedGroup['client']['queues'];
  const others = [0, 1, 2].filter((one) => one !== index);

  beforeAll(async () => {
    site = await LinkedGroup.start(3, options);
    ({ queues } = site.client);
  });
  afterEach(() => site.restore(0, 1, 2));
  afterAll(() => site[Symbol.asyncDispose]());

  /** What is decided from now on needs the member. */
  const alone = (away: number) => site.cut(others[away]!);
  const back = () => site.restore(...others);

  it('knows all messages as they were: ready, delayed, leased, dead, done, with tokens and attempts', async () => {
    const queue = nextQueue();
    const put = async (body: string, more = {}) => (await queues.put(queue, body, more)).id;
    const done = await put('done');
    await (await queues.get(queue))[0]!.ack();
    const dead = await put('dead');
    await (await queues.get(queue))[0]!.reject('no');
    const tried = await put('tried');
    const [first] = await queues.get(queue);
    await first!.nack({ delay: 0 });
    const leased = await put('leased', { priority: -1 });
    const [held] = await queues.get(queue);
    expect(held!.id).toBe(leased);
    const delayed = await put('delayed', { delay: 60_000 });
    const ready = await put('ready');
    await eventually(async () => expect(await site.onAll('HLEN', queue, 'records')).toEqual([5, 5, 5]));

    await site.restartEmpty(index);
    for (const away of [0, 1]) {
      await alone(away);
      const states = await Promise.all(
        [done, dead, tried, leased, delayed, ready].map((id) => queues.state(queue, id)),
      );
      expect(states).toEqual(['done', 'dead', 'ready', 'leased', 'delayed', 'ready']);
      await back();
    }
    await alone(0);
    expect(await queues.deadLetters(queue)).toMatchObject([{ id: dead, reason: 'no', attempts: 1 }]);
    const rest = await queues.get(queue, { count: 10 });
    expect(rest.map(({ body, attempt }) => [body, attempt])).toEqual([
      ['tried', 2],
      ['ready', 1],
    ]);
    expect(rest[0]!.token).toBeGreaterThan(first!.token);
    expect(held!.isHeld).toBe(true);
    await held!.ack();
    await Promise.all(rest.map((delivery) => delivery.ack()));
    expect(await queues.redrive(queue)).toBe(1);
    const [again] = await queues.get(queue);
    expect(again).toMatchObject({ id: dead, attempt: 1 });
    await again!.ack();
    await back();
    expect(await queues.size(queue)).toMatchObject({ ready: 0, leased: 0, dead: 0, delayed: 1 });
    await queues.purge(queue);
  });

  it('keeps a group to one message at a time, and its order', async () => {
    const queue = nextQueue();
    for (const body of ['one', 'two', 'three']) await queues.put(queue, body, { group: 'g' });
    const [held] = await queues.get(queue);
    await site.restartEmpty(index);
    for (const away of [0, 1]) {
      await alone(away);
      expect(await queues.get(queue, { count: 5 })).toEqual([]);
      await back();
    }
    await alone(0);
    await held!.nack({ delay: 300 });
    const bodies: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      const [delivery] = await queues.get(queue, { waitFor: 10_000, count: 5 });
      bodies.push(delivery!.body);
      await delivery!.ack();
    }
    expect(bodies).toEqual(['one', 'two', 'three']);
    await back();
  });

  it('remembers callers’ ids and pauses, which registers keep', async () => {
    const queue = nextQueue();
    await queues.put(queue, 1, { id: 'order-7' });
    await queues.pause(queue);
    await site.restartEmpty(index);
    await alone(0);
    expect(await queues.put(queue, 2, { id: 'order-7' })).toEqual({ id: 'order-7', isDuplicate: true });
    expect(await queues.get(queue, { waitFor: 300 })).toEqual([]);
    await queues.resume(queue);
    const [delivery] = await queues.get(queue, { waitFor: 5000 });
    expect(delivery!.body).toBe(1);
    await delivery!.ack();
    await back();
  });

  it('is brought back with large messages, and many', async () => {
    const queue = nextQueue();
    for (let body = 0; body < 12; body++) await queues.put(queue, `${body % 10}`.repeat(250_000));
    await queues.putAll(
      queue,
      Array.from({ length: 3000 }, (_, body) => ({ body })),
    );
    await site.restartEmpty(index);
    expect((await site.onAll('HLEN', queue, 'records'))[index]).toBe(3012);
    expect((await site.onAll('ZCARD', queue, 'ready'))[index]).toBe(3012);
    await queues.purge(queue);
  });

  it('refuses an old put afterwards as it would have before (S28)', async () => {
    const queue = nextQueue();
    await queues.put(queue, 1);
    await site.restartEmpty(index);
    const putFloors = (await site.onAll('HGET', queue, 'facts', 'put_floor')).map(Number);
    const floors = (await site.onAll('HGET', queue, 'facts', 'floor')).map(Number);
    expect(putFloors[index]).toBe(Math.max(...putFloors));
    expect(floors[index]).toBeGreaterThan(0);
    expect(floors[index]).toBeLessThanOrEqual(putFloors[index]!);
    await queues.purge(queue);
  });
});
