import { describe, expect, it, onTestFinished } from 'vitest';
import type { Delivery } from '../../../lib/queue/queue.js';
import type { TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { LinkedGroup } from '../../support/linked-group.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const options = { queue: { antiEntropyInterval: 3_600_000 } };

/** A consumer for one message at a time that rests; it keeps what it gets. */
function startConsumer({ queues }: TestClient, queue: string): Delivery<string>[] {
  const got: Delivery<string>[] = [];
  const consuming = queues.consume<string>(queue, { prefetch: 0 }).subscribe((delivery) => got.push(delivery));
  onTestFinished(() => consuming.unsubscribe());
  return got;
}

/** Names of idle consumers, for each member. */
async function idleAt(linked: LinkedGroup, queue: string): Promise<string[][]> {
  return (await linked.onAll('ZRANGE', queue, 'idle', '0', '-1')) as string[][];
}

/** What each member says of a message: token, attempt, kind, holder. */
async function statesAt(linked: LinkedGroup, queue: string, id: string): Promise<(string | null)[]> {
  return (await linked.onAll('HGET', queue, 'states', id)) as (string | null)[];
}

/** Waits until so many consumers stand at each member. */
async function standEverywhere(linked: LinkedGroup, queue: string, count: number): Promise<string[][]> {
  return eventually(async () => {
    const names = await idleAt(linked, queue);
    return names.every(({ length }) => length === count) && names;
  });
}

describe('a message that is handed out', () => {
  it('is held, settled and outlives the loss of a member, where another member handed it to somebody else first', async () => {
    await using linked = await LinkedGroup.start(3, options);
    const queue = await linked.nameAtHome(0, 'split');
    const clients = [linked.client, await linked.connect()];
    const [one, two] = clients.map((client) => startConsumer(client, queue)) as [Delivery[], Delivery[]];
    const names = await standEverywhere(linked, queue, 2);
    // as when two come to stand at the same time: two members know the one as the first, and one the other
    const [inbox] = names[0]![0]!.split(' ') as [string];
    for (const [index, { length }] of names.entries()) {
      expect(length).toBe(2);
      const others = names[index]!.filter((name) => name.startsWith(inbox) === (index === 2));
      for (const name of others) await linked.onMember(index, 'ZREM', queue, 'idle', name);
    }
    const { id } = await linked.client.queues.put(queue, 'some');
    const delivery = await eventually(() => one[0] ?? two[0]);
    // the third member gave it to nobody in the end
    await eventually(async () => (await statesAt(linked, queue, id))[2]!.split(' ')[2] === 'N');
    await linked.group.members[1]!.kill();
    await delivery.ack();
    expect([...one, ...two].map(({ attempt }) => attempt)).toEqual([1]);
  });

  it('is leased for as long as its consumer says, so that a handler may block for longer than the members wait', async () => {
    await using linked = await LinkedGroup.start(3, options);
    const putter = await linked.connect();
    const settled: Promise<void>[] = [];
    const consuming = linked.client.queues.consume('blocks', { lease: 30_000 }).subscribe((delivery) => {
      const end = performance.now() + 700;
      while (performance.now() < end);
      expect([delivery.attempt, delivery.isHeld]).toEqual([1, true]);
      settled.push(delivery.ack());
    });
    onTestFinished(() => consuming.unsubscribe());
    await standEverywhere(linked, 'blocks', 1);
    await putter.queues.put('blocks', 'some');
    await eventually(() => settled.length === 1);
    await Promise.all(settled);
  });

  it('is for nobody who ended: consumers that come and go leave no name at any member', async () => {
    await using linked = await LinkedGroup.start(3, options);
    const queue = await linked.nameAtHome(0, 'short');
    startConsumer(linked.client, 'other');
    await standEverywhere(linked, 'other', 1);
    for (let count = 0; count < 20; count++) {
      const consuming = linked.client.queues.consume(queue).subscribe();
      // each ends at another point of its first steps
      for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
      consuming.unsubscribe();
    }
    await standEverywhere(linked, queue, 0);
    const got = startConsumer(await linked.connect(), queue);
    await standEverywhere(linked, queue, 1);
    await linked.client.queues.put(queue, 'some');
    const delivery = await eventually(() => got[0]);
    expect(delivery.attempt).toBe(1);
  });

  it('is given back by a get that waits while the queue is paused, and costs no attempt', async () => {
    await using linked = await LinkedGroup.start(3, options);
    const { queues } = linked.client;
    const putter = await linked.connect();
    const getting = queues.get('paused', { waitFor: 20_000 });
    await eventually(async () => (await idleAt(linked, 'paused')).some(({ length }) => length > 0));
    await putter.queues.pause('paused');
    const { id } = await putter.queues.put('paused', 'some');
    await eventually(async () => (await statesAt(linked, 'paused', id)).every((state) => state?.split(' ')[2] === 'N'));
    expect(await putter.queues.size('paused')).toMatchObject({ ready: 1, leased: 0 });
    await putter.queues.resume('paused');
    const [delivery] = await getting;
    expect(delivery!.attempt).toBe(1);
    await delivery!.ack();
  });
});

describe('two messages for two idle consumers', () => {
  it('wake both, also when one of them has been asking another member than home', async () => {
    await using linked = await LinkedGroup.start(3, { queue: { ...options.queue, pollInterval: 500 } });
    const queue = await linked.nameAtHome(0, 'both');
    const one = startConsumer(linked.client, queue);
    // home had nothing for a whole poll interval: the next member is asked, and home told that this one stands there
    await eventually(async () => (await idleAt(linked, queue))[1]!.some((name) => !name.endsWith('-')));
    const two = startConsumer(await linked.connect(), queue);
    await standEverywhere(linked, queue, 2);
    await (await linked.connect()).queues.putAll(queue, [{ body: 'a' }, { body: 'b' }]);
    await eventually(() => one.length === 1 && two.length === 1);
  });
});
