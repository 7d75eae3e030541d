import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LeaseLostError } from '../../../lib/errors.js';
import type { Delivery } from '../../../lib/queue/queue.js';
import { Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { everyGroup, type TestGroup } from '../../support/groups.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextQueue = keyMaker('queue');

describe.each(everyGroup)('a queue on $on', ({ open }) => {
  const clients = new Clients();
  let group: TestGroup;
  let a: TestClient['queues'];
  let b: TestClient['queues'];
  let queue: string;

  beforeAll(async () => {
    group = await open();
    const options = { queue: { backoff: { type: 'fixed', delay: 20 }, pollInterval: 200 } } as const;
    a = (await clients.connect(group.nodes, options)).queues;
    b = (await clients.connect(group.nodes, options)).queues;
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });
  const fresh = (): string => (queue = nextQueue());

  it('hands a message out as it was put, once, and not again after its ack', async () => {
    const body = { text: 'ä€😀 "quoted"\n', list: [1, null, { deep: true }] };
    const { id, isDuplicate } = await a.put(fresh(), body, { group: 'größe 1', priority: 7 });
    expect(isDuplicate).toBe(false);
    const [delivery] = await b.get(queue);
    expect(delivery).toMatchObject({ id, body, attempt: 1, priority: 7, group: 'größe 1', queue, isHeld: true });
    expect(Math.abs(delivery!.createdAt.getTime() - Date.now())).toBeLessThan(5000);
    expect(await a.get(queue)).toEqual([]);
    expect(await a.state(queue, id)).toBe('leased');
    await delivery!.ack();
    expect(await a.state(queue, id)).toBe('done');
    expect(await a.get(queue)).toEqual([]);
    expect(await a.size(queue)).toEqual({ ready: 0, delayed: 0, leased: 0, dead: 0, done: 1 });
  });

  it('carries the trace of who put it, to each of its deliveries', async () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await a.put(fresh(), 'traced', { trace, group: 'größe 1' });
    await a.put(queue, 'not traced');
    const deliveries = await b.get(queue, { count: 2 });
    expect(deliveries.map((one) => [one.body, one.trace])).toEqual([
      ['traced', trace],
      ['not traced', undefined],
    ]);
    await deliveries[1]!.ack();
    await deliveries[0]!.nack({ delay: 0 });
    const [again] = await b.get(queue, { waitFor: 1000 });
    expect(again).toMatchObject({ trace, attempt: 2, group: 'größe 1' });
    await again!.ack();
  });

  it('carries bytes unchanged', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    await a.put(fresh(), bytes);
    const [delivery] = await b.get(queue);
    expect(delivery!.body).toEqual(bytes);
    await delivery!.ack();
  });

  it('hands messages out by priority, then in the order in which each producer put them', async () => {
    fresh();
    const expected: string[] = [];
    for (let index = 0; index < 20; index++) {
      await (index % 2 ? a : b).put(queue, `${index}`, { priority: index % 5 === 0 ? -1 : 0 });
      expected.push(`${index}`);
    }
    const order = expected.toSorted((x, y) => Number(Number(x) % 5 !== 0) - Number(Number(y) % 5 !== 0));
    const got: unknown[] = [];
    for (const take of [1, 4, 10, 5]) {
      for (const delivery of await b.get(queue, { count: take })) {
        got.push(delivery.body);
        await delivery.ack();
      }
    }
    for (const part of [(list: unknown[]) => list.slice(0, 4), (list: unknown[]) => list.slice(4)]) {
      for (const producer of [0, 1]) {
        const of = (list: unknown[]) => part(list).filter((body) => Number(body) % 2 === producer);
        expect(of(got)).toEqual(of(order));
      }
    }
  });

  it('keeps a delayed message back until it is due, and then wakes who waits', async () => {
    const putAt = performance.now();
    await a.put(fresh(), 'later', { delay: 300 });
    expect(await a.get(queue)).toEqual([]);
    expect(await a.size(queue)).toMatchObject({ delayed: 1, ready: 0 });
    const [delivery] = await b.get(queue, { waitFor: 5000 });
    expect(performance.now() - putAt).toBeGreaterThanOrEqual(299);
    expect(delivery!.body).toBe('later');
    await delivery!.ack();
  });

  it('tries a nacked message again with the next attempt, a higher token and after its delay', async () => {
    await a.put(fresh(), 1);
    const [first] = await a.get(queue);
    const nackedAt = performance.now();
    await first!.nack({ delay: 150 });
    expect(await a.size(queue)).toMatchObject({ delayed: 1 });
    const [second] = await b.get(queue, { waitFor: 5000 });
    expect(performance.now() - nackedAt).toBeGreaterThanOrEqual(149);
    expect(second).toMatchObject({ attempt: 2, id: first!.id });
    expect(second!.token).toBeGreaterThan(first!.token);
    await second!.giveBack();
    const [third] = await a.get(queue, { waitFor: 5000 });
    expect(third).toMatchObject({ attempt: 2 });
    expect(third!.token).toBeGreaterThan(second!.token);
    await third!.ack();
  });

  it('makes a message that fails too often a dead letter, which can be looked at, redriven and purged', async () => {
    const { id } = await a.put(fresh(), { order: 7 }, { maxAttempts: 2, backoff: { type: 'fixed', delay: 0 } });
    for (const attempt of [1, 2]) {
      const [delivery] = await b.get(queue, { waitFor: 5000 });
      expect(delivery!.attempt).toBe(attempt);
      await delivery!.nack({ error: new RangeError(`failed ${attempt}`) });
    }
    expect(await a.state(queue, id)).toBe('dead');
    const letters = await a.deadLetters(queue);
    expect(letters).toMatchObject([{ id, body: { order: 7 }, attempts: 2, reason: 'RangeError: failed 2' }]);
    expect(Math.abs(letters[0]!.diedAt.getTime() - Date.now())).toBeLessThan(5000);
    expect(await a.redrive(queue, [id])).toBe(1);
    expect(await b.deadLetters(queue)).toEqual([]);
    const [again] = await b.get(queue, { waitFor: 5000 });
    expect(again).toMatchObject({ id, attempt: 1 });
    await again!.reject('not ours');
    expect(await a.deadLetters(queue)).toMatchObject([{ reason: 'not ours', attempts: 1 }]);
    expect(await a.purge(queue, { states: ['dead'] })).toBe(1);
    expect(await a.size(queue)).toEqual({ ready: 0, delayed: 0, leased: 0, dead: 0, done: 1 });
  });

  it('pages dead letters, the oldest first, and redrives all of them', async () => {
    fresh();
    for (let index = 0; index < 7; index++) {
      await a.put(queue, index);
      await (await a.get(queue))[0]!.reject(`no ${index}`);
    }
    const bodies = async (offset: number, limit: number) =>
      (await b.deadLetters(queue, { offset, limit })).map(({ body }) => body);
    expect(await bodies(0, 3)).toEqual([0, 1, 2]);
    expect(await bodies(5, 10)).toEqual([5, 6]);
    expect(await a.redrive(queue)).toBe(7);
    expect(await a.size(queue)).toMatchObject({ ready: 7, dead: 0 });
    expect(await a.purge(queue)).toBe(7);
  });

  it('refuses a second settlement of a delivery, and lets the same one be asked for again', async () => {
    await a.put(fresh(), 1);
    const [delivery] = await a.get(queue);
    await delivery!.ack();
    await delivery!.ack();
    await expect(delivery!.nack()).rejects.toMatchObject({ code: 'LEASE_LOST', reason: 'settled' });
    await expect(delivery!.extend()).rejects.toBeInstanceOf(LeaseLostError);
    expect(delivery!.isHeld).toBe(false);
  });

  it('makes one message of many puts with one id, by several producers at once', async () => {
    fresh();
    const puts = Array.from({ length: 12 }, (_, index) => (index % 2 ? a : b).put(queue, index, { id: 'order-7' }));
    const receipts = await Promise.all(puts);
    expect(receipts.filter(({ isDuplicate }) => !isDuplicate)).toHaveLength(1);
    expect(await a.size(queue)).toMatchObject({ ready: 1 });
    expect(await a.state(queue, 'order-7')).toBe('ready');
    const [delivery] = await b.get(queue);
    expect(delivery!.id).toBe('order-7');
    await delivery!.ack();
    expect(await a.put(queue, 'again', { id: 'order-7' })).toEqual({ id: 'order-7', isDuplicate: true });
    expect(await b.get(queue)).toEqual([]);
    expect(await a.state(queue, 'order-7')).toBe('done');
    expect(await a.state(queue, 'order-8')).toBe('unknown');
  });

  it('removes a message that nobody holds, and not one that is held', async () => {
    const { id } = await a.put(fresh(), 1, { id: 'mine' });
    const [held] = await b.get(queue);
    expect(await a.remove(queue, id)).toBe(false);
    await held!.giveBack();
    expect(await a.remove(queue, id)).toBe(true);
    expect(await a.remove(queue, id)).toBe(false);
    expect(await b.get(queue)).toEqual([]);
    expect((await a.put(queue, 2, { id: 'mine' })).isDuplicate).toBe(false);
    expect(await a.purge(queue)).toBe(1);
  });

  it('serves a group one at a time and in order, and other groups meanwhile', async () => {
    fresh();
    for (let index = 0; index < 3; index++) {
      for (const name of ['x', 'y']) await a.put(queue, `${name}${index}`, { group: name });
    }
    await a.put(queue, 'alone');
    // home may be the last to hear of a put or an ack that a quorum has
    const first: Delivery[] = [];
    while (first.length < 3) first.push(...(await b.get(queue, { count: 10, waitFor: 5000 })));
    expect(first.map(({ body }) => body)).toEqual(['x0', 'y0', 'alone']);
    expect(await a.get(queue, { count: 10 })).toEqual([]);
    await first[0]!.ack();
    const [next, ...others] = await a.get(queue, { count: 10, waitFor: 5000 });
    expect([next!.body, others]).toEqual(['x1', []]);
    // a message that is to be tried again is not overtaken
    await next!.nack({ delay: 100 });
    expect(await a.get(queue, { count: 10 })).toEqual([]);
    const [again] = await b.get(queue, { waitFor: 5000 });
    expect(again).toMatchObject({ body: 'x1', attempt: 2 });
    await again!.reject();
    const [last] = await b.get(queue, { waitFor: 5000 });
    expect(last!.body).toBe('x2');
  });

  it('hands nothing out while the queue is paused', async () => {
    await a.put(fresh(), 1);
    expect(await a.isPaused(queue)).toBe(false);
    await b.pause(queue);
    expect(await a.isPaused(queue)).toBe(true);
    expect(await a.get(queue, { waitFor: 300 })).toEqual([]);
    const waiting = a.get(queue, { waitFor: 10_000 });
    await b.resume(queue);
    const [delivery] = await waiting;
    expect(delivery!.body).toBe(1);
    await delivery!.ack();
  });

  it('puts many at once, in their order', async () => {
    fresh();
    const receipts = await a.putAll(
      queue,
      Array.from({ length: 1200 }, (_, body) => ({ body })),
    );
    expect(new Set(receipts.map(({ id }) => id)).size).toBe(1200);
    const got = (await b.get(queue, { count: 1000 })).concat(await b.get(queue, { count: 1000 }));
    expect(got.map(({ body }) => body)).toEqual(Array.from({ length: 1200 }, (_, index) => index));
    await Promise.all(got.map((delivery) => delivery.ack()));
    await eventually(async () => (await a.size(queue)).done === 1200);
  });

  it('gives up waiting when its signal aborts', async () => {
    const abort = new AbortController();
    const waiting = a.get(fresh(), { waitFor: 60_000, signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
