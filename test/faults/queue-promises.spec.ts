import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Putter } from '../../lib/queue/putter.js';
import type { Delivery } from '../../lib/queue/queue.js';
import { QueueRequests } from '../../lib/queue/queue-requests.js';
import { eventually } from '../support/eventually.js';
import { readHistory } from './history/queue-history.js';
import { QueueRecords, queueAtHome } from './site/queue-records.js';
import { Site } from './site/site.js';
import { brisk, type SiteClient, type SiteClientOptions } from './site/site-client.js';
import { QueueProcess } from './workload/queue-process.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Members are compared by nobody, or by one client alone, so that nothing else heals what a test made. */
const never = 3_600_000;
const times = { requestTimeout: 400, maxOperationTime: 800 };
const quiet = { ...times, queue: { ...brisk.queue, antiEntropyInterval: never } };
const long = { ...times, queue: { ...quiet.queue, lease: 20_000, leaseMax: 20_000 } };
const tidying = { ...times, queue: { ...brisk.queue, antiEntropyInterval: 100 } };

/** Five members, and a queue that the given ones propose from first. */
async function queueOfFive(homes: number[], options: SiteClientOptions) {
  const site = await Site.start();
  const ann = await site.connect('ann', options);
  const queue = queueAtHome(ann, ...homes);
  const records = new QueueRecords(site, queue);
  const dispose = () => site[Symbol.asyncDispose]();
  const connect = (name: string, own = options) => site.connect(name, own);
  return { site, ann, queue, records, connect, [Symbol.asyncDispose]: dispose };
}

/** Takes a message at exactly these members: the client is cut from the others, and stays so. */
async function getAt(members: readonly number[], client: SiteClient, queue: string): Promise<Delivery> {
  await client.cutFrom(...[1, 2, 3, 4, 5].filter((member) => !members.includes(member)));
  const [delivery] = await client.queues.get(queue, { waitFor: 2000 });
  return delivery!;
}

/** What it gets without waiting; asked again when too few members answered in time. */
const take = (client: SiteClient, queue: string) => eventually(() => client.queues.get(queue));

describe('a message', () => {
  it('is not handed out on both sides of a split group, as two of five are no quorum (S06)', async () => {
    await using scene = await queueOfFive([], long);
    const { ann, queue, connect } = scene;
    await ann.queues.put(queue, 'm');
    const bob = await connect('bob');
    await ann.cutFrom(3, 4, 5);
    await bob.cutFrom(1, 2, 3);
    await expect(ann.queues.get(queue)).rejects.toMatchObject({ code: 'NO_QUORUM' });
    await expect(bob.queues.get(queue)).rejects.toMatchObject({ code: 'NO_QUORUM' });
    await expect(bob.queues.put(queue, 'n')).rejects.toMatchObject({ code: 'NO_QUORUM' });
  });

  it('held at three members is not leased to another, though the two others know nothing of it (S26)', async () => {
    await using scene = await queueOfFive([4, 5], long);
    const { ann, queue, records, connect } = scene;
    const bob = await connect('bob');
    const { id } = await ann.queues.put(queue, 'm');
    await eventually(async () => (await records.live(4)).includes(id) && (await records.live(5)).includes(id));
    const held = await getAt([1, 2, 3], ann, queue);
    await bob.cutFrom(1, 2);
    expect(await take(bob, queue)).toEqual([]);
    await held.ack();
  });

  it('of a group is not leased while another of the group is held, which most of the others never saw (S26)', async () => {
    await using scene = await queueOfFive([4, 5], long);
    const { ann, queue, records, connect } = scene;
    const bob = await connect('bob');
    await ann.cutFrom(4, 5);
    await ann.queues.put(queue, 'first', { group: 'g' });
    ann.restore(4, 5);
    await ann.seesAllVoting();
    await ann.queues.put(queue, 'second', { group: 'g' });
    await eventually(async () => (await records.live(4)).length === 1 && (await records.live(5)).length === 1);
    const held = await getAt([1, 2, 3], ann, queue);
    expect(held.body).toBe('first');
    await bob.cutFrom(1, 2);
    expect(await take(bob, queue)).toEqual([]);
    await held.ack();
    const [next] = await bob.queues.get(queue, { waitFor: 5000 });
    expect(next!.body).toBe('second');
  });

  it('stays with its next holder when the ack of the one before comes late (S27)', async () => {
    await using scene = await queueOfFive([], quiet);
    const { site, ann, queue, records, connect } = scene;
    const bob = await connect('bob');
    await ann.queues.put(queue, 'm');
    const [slow] = await ann.queues.get(queue);
    site.log.add('silence requests', 'all', 'of ann');
    for (const link of ann.links) link.silence('requests');
    await expect(slow!.ack()).rejects.toMatchObject({ code: expect.stringMatching(/LEASE_LOST|NO_QUORUM/) });
    const [next] = await bob.queues.get(queue, { waitFor: 5000, lease: 2000 });
    expect(next).toMatchObject({ body: 'm', attempt: 2 });
    ann.restore(1, 2, 3, 4, 5);
    await ann.seesAllVoting();
    // at the most a member that refused bob, as ann's lease ended there a moment later, has accepted it
    const live = await Promise.all(site.memberNumbers.map((member) => records.live(member)));
    expect(live.filter((ids) => ids.length === 1).length).toBeGreaterThanOrEqual(3);
    await next!.ack();
    expect(await bob.queues.state(queue, next!.id)).toBe('done');
  });
});

describe('a put that stands still before it is sent, until floors have passed it', () => {
  it('is put under a new id, as where it was missed its old one means done (S24)', async () => {
    await using scene = await queueOfFive([3, 4, 5], quiet);
    const { ann, queue, records, connect } = scene;
    const bob = await connect('bob');
    const dora = await connect('dora', tidying);
    let goOn!: () => void;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const putUnder = vi.spyOn(Putter.prototype, 'putUnder');
    const original = putUnder.getMockImplementation() ?? Putter.prototype.putUnder;
    const claimed = new Promise<string>((resolve) => {
      putUnder.mockImplementationOnce(async function (this: Putter, id, record, delay) {
        resolve(id);
        await gate;
        return original.call(this, id, record, delay);
      });
    });
    const stored = ann.queues.put(queue, 'm', { id: 'order-7' });
    const createdUs = Number((await claimed).slice(0, 16));
    // floors rise past what happens
    await dora.queues.put(queue, 'later');
    const [later] = await dora.queues.get(queue);
    await later!.ack();
    for (const member of [1, 2, 3, 4, 5]) await eventually(async () => (await records.floor(member)) > createdUs);
    await ann.cutFrom(1, 2);
    goOn();
    await stored;
    const [delivery] = await bob.queues.get(queue, { waitFor: 5000 });
    expect(delivery).toMatchObject({ id: 'order-7', body: 'm' });
    await delivery!.ack();
    expect(await take(bob, queue)).toEqual([]);
  });
});

describe('a message that was acknowledged at three of five members', () => {
  /** Those three have its tombstone, `others` have it on record as live. */
  async function acknowledged(three: number[], others: number[]) {
    const scene = await queueOfFive(others, quiet);
    const { ann, queue, records } = scene;
    const { id } = await ann.queues.put(queue, 'm');
    for (const other of others) await eventually(async () => (await records.live(other)).includes(id));
    const delivery = await getAt(three, ann, queue);
    await delivery.ack();
    for (const member of three) await eventually(async () => (await records.live(member)).length === 0);
    return { ...scene, id };
  }

  it('is not delivered again after its tombstones are gone: unknown below a floor is done (S25)', async () => {
    await using scene = await acknowledged([1, 2, 3], [4, 5]);
    const { queue, records, connect, id } = scene;
    const bob = await connect('bob');
    const dora = await connect('dora', tidying);
    await dora.cutFrom(4, 5);
    await take(dora, queue);
    for (const member of [1, 2, 3]) await eventually(async () => (await records.seen(member)).length === 0);
    await bob.cutFrom(1, 2);
    expect(await records.live(4)).toEqual([id]);
    expect(await take(bob, queue)).toEqual([]);
    // and those that missed it learn it
    await eventually(async () => (await records.live(4)).length === 0);
  });

  it('is not brought back by a member that rejoins: done on any source is done (S25)', async () => {
    await using scene = await acknowledged([3, 4, 5], [1, 2]);
    const { site, ann, queue, records, connect, id } = scene;
    const bob = await connect('bob');
    // 5 is copied from 1 and 2, that missed the ack, and then from 3
    await bob.cutFrom(4);
    await ann.cutFrom(5);
    await site.flush(5);
    await bob.probe();
    await bob.sees('rejoining', 5);
    await bob.sees('voting', 5);
    await bob.cutFrom(3);
    expect(await records.live(1)).toEqual([id]);
    expect(await take(bob, queue)).toEqual([]);
  });
});

describe('a message that was put and acknowledged at three of five members, and reaches another one late', () => {
  /** As above, but 4 never heard of it, and 5 is frozen and has the put before it. */
  async function acknowledged(options: SiteClientOptions) {
    const scene = await queueOfFive([5, 4], options);
    const { site, ann, queue, records, connect } = scene;
    const bob = await connect('bob');
    await ann.cutFrom(4);
    // so that the client knows the members' time, and its put is one round trip
    await ann.queues.put('warm-up', 0);
    site.freeze(5);
    const { id } = await ann.queues.put(queue, 'm');
    const [delivery] = await ann.queues.get(queue, { waitFor: 2000 });
    await delivery!.ack();
    for (const member of [1, 2, 3]) await eventually(async () => (await records.live(member)).length === 0);
    await ann.cutFrom(3);
    return { ...scene, bob, id };
  }

  /** Member 3 forgets and is brought back from 1, 2 and 4; 5 executes what it was sent. */
  async function forgetAndThaw({ site, bob, queue, records, id }: Awaited<ReturnType<typeof acknowledged>>) {
    await site.flush(3);
    await bob.probe();
    await bob.sees('rejoining', 3);
    await bob.sees('voting', 3);
    await bob.cutFrom(1, 2);
    site.thaw(5);
    await bob.sees('voting', 5);
    await eventually(async () => (await records.live(5)).includes(id));
    // what was asked of 5 when ann took the message elsewhere is executed late, too: it may be leased there
    return eventually(() => bob.queues.get(queue, { waitFor: 2 * brisk.queue.lease }));
  }

  it('is not delivered again with a member that forgot: tombstones are carried over at rejoin (S28)', async () => {
    await using scene = await acknowledged({ ...quiet, maxOperationTime: 3000 });
    expect(await scene.records.seen(1)).toEqual([scene.id]);
    expect(await forgetAndThaw(scene)).toEqual([]);
    expect(await scene.records.seen(3)).toEqual([scene.id]);
  });

  it('is not delivered again with a member that forgot: floors are carried over at rejoin (S28)', async () => {
    await using scene = await acknowledged(quiet);
    const { site, queue, records } = scene;
    const dora = await site.join('dora', tidying);
    await dora.cutFrom(4);
    await take(dora, queue);
    for (const member of [1, 2, 3]) await eventually(async () => (await records.seen(member)).length === 0);
    await dora.close();
    expect(await forgetAndThaw(scene)).toEqual([]);
    expect(await records.floor(3)).toBeGreaterThan(Number(scene.id.slice(0, 16)));
  });
});

describe('leases of messages at rejoin', () => {
  it('are copied, so that a member that forgot does not give a message to a second holder (S07)', async () => {
    await using scene = await queueOfFive([4, 5], long);
    const { site, ann, queue, records, connect } = scene;
    const bob = await connect('bob');
    const { id } = await ann.queues.put(queue, 'm');
    await eventually(async () => (await records.live(4)).includes(id) && (await records.live(5)).includes(id));
    const held = await getAt([1, 2, 3], ann, queue);
    await site.restart(1);
    await bob.sees('voting', 1);
    await bob.cutFrom(2, 3);
    expect(await take(bob, queue)).toEqual([]);
    expect(await records.leased(1)).toEqual([id]);
    expect(held.isHeld).toBe(true);
    await ann.sees('voting', 1);
    await held.extend();
    await held.ack();
  });

  const slow = { ...long, requestTimeout: 3000, maxOperationTime: 6000 };

  it("become nobody's where sources tell of different holders, so that one that still asks gets no quorum (S08)", async () => {
    await using scene = await queueOfFive([4, 5], slow);
    const { site, ann, queue, records, connect } = scene;
    const bob = await connect('bob');
    const carl = await connect('carl');
    const { id } = await ann.queues.put(queue, 'm');
    await eventually(async () => (await records.live(4)).includes(id) && (await records.live(5)).includes(id));
    const held = await getAt([1, 2, 3], ann, queue);
    expect(await secondHolder({ site, bob, carl, queue })).toEqual([]);
    expect(held.isHeld).toBe(true);
  });

  it("become nobody's where sources tell of two of one group, so that one that still asks gets no quorum (S08)", async () => {
    await using scene = await queueOfFive([4, 5], slow);
    const { site, ann, queue, records, connect } = scene;
    const bob = await connect('bob');
    const carl = await connect('carl');
    await ann.cutFrom(4, 5);
    await ann.queues.put(queue, 'first', { group: 'g' });
    ann.restore(4, 5);
    await ann.seesAllVoting();
    await ann.queues.put(queue, 'second', { group: 'g' });
    await eventually(async () => (await records.live(4)).length === 1 && (await records.live(5)).length === 1);
    const held = await getAt([1, 2, 3], ann, queue);
    expect(held.body).toBe('first');
    expect(await secondHolder({ site, bob, carl, queue })).toEqual([]);
    expect(held.isHeld).toBe(true);
  });

  /**
   * Member 1 forgets. Before carl has brought it back, bob asks for what 4 and 5 find free: 3 refuses, and 1 is asked
   * late, when it votes again.
   */
  async function secondHolder(scene: { site: Site; bob: SiteClient; carl: SiteClient; queue: string }) {
    const { site, bob, carl, queue } = scene;
    // so that it knows the members' time, and the next one that it asks for all members at once is what is tested
    await bob.queues.put('warm-up', 0);
    await bob.cutFrom(2);
    await carl.cutFrom(2);
    bob.link(1).silence('requests');
    await site.flush(1);
    await carl.probe();
    await carl.sees('rejoining', 1);
    // what it gives back is lost on its way
    vi.spyOn(QueueRequests.prototype, 'tellAll').mockImplementation(() => undefined);
    const flushedAt = performance.now();
    await eventually(() => performance.now() - flushedAt > slow.maxOperationTime - 1500);
    const asked = bob.queues.get(queue);
    await carl.sees('voting', 1);
    bob.restore(1);
    return asked;
  }
});

describe('consumers', () => {
  it('go on at once when home freezes, whether there is a backlog or not', async () => {
    await using scene = await queueOfFive([2, 4], { ...brisk, ...times });
    const { site, ann, queue, connect } = scene;
    const bob = await connect('bob');
    // one request that is not answered, and a look at the next home
    const wait = 3 * times.requestTimeout;
    const bodies = Array.from({ length: 400 }, (_, body) => ({ body }));
    await ann.queues.putAll(queue, bodies);
    const cameAt: number[] = [];
    const got: unknown[] = [];
    const subscription = bob.queues.consume(queue, { concurrency: 2 }).subscribe((delivery) => {
      cameAt.push(performance.now());
      got.push(delivery.body);
      void delivery.ack();
    });
    try {
      await eventually(() => got.length > 100);
      site.freeze(2);
      await eventually(() => got.length >= bodies.length);
      const gaps = cameAt.slice(1).map((at, index) => at - cameAt[index]!);
      expect(Math.max(...gaps)).toBeLessThan(wait);
      site.freeze(4);
      const putAt = performance.now();
      await ann.queues.put(queue, 'late');
      await eventually(() => got.includes('late'));
      expect(performance.now() - putAt).toBeLessThan(wait);
      expect(new Set(got).size).toBe(bodies.length + 1);
    } finally {
      subscription.unsubscribe();
      for (const member of [2, 4]) site.thaw(member);
    }
  });

  it('get a message whose holder was killed once its lease has ended', { timeout: 90_000 }, async () => {
    await using scene = await queueOfFive([], brisk);
    const { site, ann, queue } = scene;
    const folder = await mkdtemp(join(tmpdir(), 'majority-redis-history-'));
    const file = join(folder, 'holder');
    const options = { ...brisk, nodes: site.group.urls };
    const order = { role: 'holder', name: 'holder', queue, options, seed: 1, clockOffset: never, file } as const;
    try {
      await using holder = await QueueProcess.start(order);
      await ann.queues.put(queue, 'm');
      const taken = await eventually(() => readHistory([file]).find(({ kind }) => kind === 'delivery'));
      const { lease } = brisk.queue;
      // it is extended for as long as it lives
      expect(await ann.queues.get(queue, { waitFor: 2 * lease })).toEqual([]);
      await holder.kill();
      const killedAt = performance.now();
      const [next] = await ann.queues.get(queue, { waitFor: 5000 });
      expect(performance.now() - killedAt).toBeLessThan(lease + brisk.queue.pollInterval + 500);
      expect(next).toMatchObject({ body: 'm', attempt: 2 });
      expect(taken).toMatchObject({ key: 'm', kind: 'delivery' });
      expect(next!.token).toBeGreaterThan(taken.kind === 'delivery' ? taken.token : Infinity);
      await next!.ack();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('get messages by priority, then in the order they were put, also when home changes in between', async () => {
    // a member that is only slow is no reason for another home
    await using scene = await queueOfFive([2], { ...brisk, requestTimeout: 1000, maxOperationTime: 2000 });
    const { site, ann, queue, records, connect } = scene;
    const bob = await connect('bob');
    const expected: number[] = [];
    for (let body = 0; body < 60; body++) {
      await ann.queues.put(queue, body, { priority: body % 6 === 0 ? -1 : 0 });
      expected.push(body);
    }
    const delayed = await ann.queues.put(queue, 60, { delay: 300, priority: -2 });
    for (const member of site.memberNumbers) {
      await eventually(async () => (await records.live(member)).includes(delayed.id));
    }
    const got: unknown[] = [];
    const takeSome = async (count: number): Promise<void> => {
      for (const delivery of await bob.queues.get(queue, { count, waitFor: 5000 })) {
        got.push(delivery.body);
        await delivery.ack();
      }
    };
    await takeSome(5);
    await site.kill(2);
    await eventually(async () => (await bob.queues.size(queue)).delayed === 0);
    await takeSome(20);
    await site.start(2);
    await bob.sees('voting', 2);
    await takeSome(60);
    const isFirst = (body: number) => body % 6 === 0;
    const order = [...expected.filter(isFirst), ...expected.filter((body) => !isFirst(body))];
    expect(got).toEqual([...order.slice(0, 5), 60, ...order.slice(5)]);
  });
});
