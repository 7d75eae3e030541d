import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyMaker } from '../../support/clients.js';
import { eventually as look } from '../../support/eventually.js';
import { LinkedGroup } from '../../support/linked-group.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
vi.setConfig({ testTimeout: 120_000 });
/** A floor rises, and a member is brought back, within some seconds. */
const eventually = (condition: () => Promise<void>) =>
  look(() => condition().then(() => true), { within: 40_000, every: 50 });
const nextQueue = keyMaker('queue');
const options = {
  // a floor lies three of these behind; members that are slow on a busy machine must not count as gone
  maxOperationTime: 1000,
  queue: { antiEntropyInterval: 100, pollInterval: 200, backoff: { type: 'fixed', delay: 0 } },
} as const;

describe.each([3, 5])('members of a queue in a group of %d', (size) => {
  let site: LinkedGroup;
  let queues: LinkedGroup['client']['queues'];
  let queue: string;

  beforeAll(async () => {
    site = await LinkedGroup.start(size, options);
    ({ queues } = site.client);
  });
  beforeEach(() => {
    queue = nextQueue();
  });
  afterEach(() => site.restore(...Array.from({ length: size }, (_, index) => index)));
  afterAll(() => site[Symbol.asyncDispose]());

  const same = <T>(value: T): T[] => Array.from({ length: size }, () => value);
  const count = (kind: string) => site.onAll('ZCARD', queue, kind);
  const records = () => site.onAll('HLEN', queue, 'records');
  const floors = async () => (await site.onAll('HGET', queue, 'facts', 'floor')).map(Number);

  it('drop their tombstones, and raise their floors above what they drop', async () => {
    const receipts = await queues.putAll(
      queue,
      Array.from({ length: 200 }, (_, body) => ({ body })),
    );
    await Promise.all((await queues.get(queue, { count: 200 })).map((delivery) => delivery.ack()));
    await eventually(async () => expect(await count('seen')).toEqual(same(0)));
    const last = Number(receipts.at(-1)!.id.slice(0, 16));
    for (const floor of await floors()) expect(floor).toBeGreaterThan(last);
    expect(await queues.state(queue, receipts[0]!.id)).toBe('done');
    expect((await queues.size(queue)).done).toBe(200);
  });

  it('drop them too while a member is away', async () => {
    await site.cut(0);
    try {
      await queues.put(queue, 1);
      await (await queues.get(queue))[0]!.ack();
      await eventually(async () => expect((await count('seen')).slice(1)).toEqual(same(0).slice(1)));
    } finally {
      await site.restore(0);
    }
  });

  it('give one that was away what was put meanwhile, and end there what was done meanwhile', async () => {
    const put = async (body: string) => (await queues.put(queue, body, { group: 'g' })).id;
    const [first, second] = [await put('first'), await put('second')];
    await eventually(async () => expect(await records()).toEqual(same(2)));
    await site.cut(size - 1);
    const third = await put('third');
    await (await queues.get(queue))[0]!.ack();
    // so long that nobody remembers by a tombstone
    await eventually(async () => {
      const floor = Number(first.slice(0, 16));
      for (const one of (await floors()).slice(0, -1)) expect(one).toBeGreaterThan(floor);
    });
    await site.restore(size - 1);
    await eventually(async () => {
      const keys = await site.onAll('HKEYS', queue, 'records');
      expect(keys.map((ids) => (ids as string[]).toSorted())).toEqual(same([second, third]));
    });
    const bodies: unknown[] = [];
    for (let round = 0; round < 2; round++) {
      const [delivery] = await queues.get(queue, { waitFor: 5000 });
      bodies.push(delivery!.body);
      await delivery!.ack();
    }
    expect(bodies).toEqual(['second', 'third']);
    expect(await queues.get(queue)).toEqual([]);
    await eventually(async () => expect(await records()).toEqual(same(0)));
  });

  it('grant an extension of a lease that they were only told of', async () => {
    await site.cut(size - 1);
    await queues.put(queue, 1);
    const [held] = await queues.get(queue, { lease: 60_000 });
    await site.restore(size - 1);
    await eventually(async () => expect(await records()).toEqual(same(1)));
    expect((await count('leased')).slice(-1)).toEqual([0]);
    await held!.extend();
    await eventually(async () => expect(await count('leased')).toEqual(same(1)));
    await held!.ack();
  });

  it('do not deliver what was done while home was away, when home comes back', async () => {
    queue = await site.nameAtHome(0, nextQueue());
    for (let body = 0; body < 3; body++) await queues.put(queue, body);
    await eventually(async () => expect(await records()).toEqual(same(3)));
    await site.cut(0);
    for (const delivery of await queues.get(queue, { count: 2 })) await delivery.ack();
    await site.restore(0);
    const left = await queues.get(queue, { count: 10, waitFor: 5000 });
    expect(left.map(({ body }) => body)).toEqual([2]);
    await left[0]!.ack();
    expect(await queues.get(queue, { count: 10 })).toEqual([]);
    await eventually(async () => expect(await records()).toEqual(same(0)));
  });

  it('keep a message that was given back until it is due, also when home missed that', async () => {
    queue = await site.nameAtHome(0, nextQueue());
    await queues.put(queue, 1);
    const [delivery] = await queues.get(queue, { lease: 2000 });
    await site.cut(0);
    const askedAt = performance.now();
    await delivery!.nack({ delay: 5000 });
    await site.restore(0);
    // home holds it for leased until 2 s are over
    const [again] = await queues.get(queue, { waitFor: 30_000 });
    expect(performance.now() - askedAt).toBeGreaterThan(4900);
    expect(again!.attempt).toBe(2);
    await again!.ack();
  });

  it('do not bring back what was removed while one was away', async () => {
    const { id } = await queues.put(queue, 1);
    await eventually(async () => expect(await records()).toEqual(same(1)));
    await site.cut(0);
    expect(await queues.remove(queue, id)).toBe(true);
    await site.restore(0);
    expect(await queues.get(queue)).toEqual([]);
    await eventually(async () => expect(await records()).toEqual(same(0)));
  });

  it('lease what was redriven while home was away, with all attempts before it', async () => {
    queue = await site.nameAtHome(0, nextQueue());
    const { id } = await queues.put(queue, 1, { maxAttempts: 1 });
    await (await queues.get(queue))[0]!.nack();
    await eventually(async () => expect(await count('dead')).toEqual(same(1)));
    await site.cut(0);
    expect(await queues.redrive(queue)).toBe(1);
    await site.restore(0);
    const [delivery] = await queues.get(queue, { waitFor: 10_000 });
    expect(delivery).toMatchObject({ id, attempt: 1 });
    await eventually(async () => expect(await count('dead')).toEqual(same(0)));
    await delivery!.ack();
  });

  it('let a redriven message be leased though a member that missed that is needed', async () => {
    queue = await site.nameAtHome(0, nextQueue());
    await queues.put(queue, 1, { maxAttempts: 2 });
    for (let attempt = 1; attempt <= 2; attempt++) await (await queues.get(queue, { waitFor: 5000 }))[0]!.nack();
    await eventually(async () => expect(await count('dead')).toEqual(same(1)));
    const missed = Array.from({ length: (size - 1) / 2 }, (_, index) => index + 1);
    const others = Array.from({ length: (size - 1) / 2 }, (_, index) => size - 1 - index);
    await site.cut(...missed);
    expect(await queues.redrive(queue)).toBe(1);
    await site.cut(...others.filter((index) => !missed.includes(index)).slice(1));
    await site.restore(...missed);
    await site.cut(others[0]!);
    try {
      const [delivery] = await queues.get(queue, { waitFor: 10_000 });
      expect(delivery).toMatchObject({ attempt: 1 });
      await delivery!.nack();
      expect((await queues.get(queue, { waitFor: 10_000 }))[0]).toMatchObject({ attempt: 2 });
    } finally {
      await site.restore(...others);
    }
  });

  it('keep nothing of messages that they leased without ever getting them', async () => {
    await site.cut(size - 1);
    for (let body = 0; body < 5; body++) await queues.put(queue, body);
    await site.restore(size - 1);
    const deliveries = await queues.get(queue, { count: 5, waitFor: 5000 });
    expect(deliveries).toHaveLength(5);
    await Promise.all(deliveries.map((delivery) => delivery.ack()));
    await eventually(async () => {
      for (const kind of ['seen', 'unknown', 'leased', 'ready', 'delayed', 'dead']) {
        expect(await count(kind)).toEqual(same(0));
      }
      expect(await site.onAll('HLEN', queue, 'states')).toEqual(same(0));
      expect(await records()).toEqual(same(0));
    });
  });

  it('are compared without looking at all of a backlog, and get large messages too', async () => {
    await queues.putAll(
      queue,
      Array.from({ length: 2000 }, (_, body) => ({ body })),
    );
    await eventually(async () => expect(await records()).toEqual(same(2000)));
    await site.cut(size - 1);
    for (let body = 0; body < 5; body++) await queues.put(queue, `${body}`.repeat(250_000));
    await site.restore(size - 1);
    await eventually(async () => expect(await records()).toEqual(same(2005)));
    // all that is live is listed, so nobody has to walk through it
    await eventually(async () => expect(await count('seen')).toEqual(same(2005)));
    expect(await queues.purge(queue)).toBe(2005);
  });
});
