import { expect, it } from 'vitest';
import type { QueueService } from '../../../lib/queue/queue.service.js';
import { eventually } from '../../support/eventually.js';
import { LinkedGroup } from '../../support/linked-group.js';

const ways: Readonly<Record<string, (queues: QueueService, queue: string) => Promise<unknown>>> = {
  'a get that waits': async (queues, queue) => (await queues.get(queue, { waitFor: 5000 }))[0]?.body,
  'gets that wait for less than a poll interval': (queues, queue) =>
    eventually(async () => (await queues.get(queue, { waitFor: 50 }))[0]?.body),
  'gets that do not wait': (queues, queue) => eventually(async () => (await queues.get(queue))[0]?.body),
  'a consumer': async (queues, queue) => {
    const bodies: unknown[] = [];
    const consumer = queues.consume(queue).subscribe(({ body }) => bodies.push(body));
    await eventually(() => bodies.length > 0);
    consumer.unsubscribe();
    return bodies[0];
  },
};

it.each(Object.entries(ways))(
  'a message that home missed is found by %s within a few poll intervals, before members are compared',
  async (_, take) => {
    const quiet = { pollInterval: 200, antiEntropyInterval: 3_600_000 };
    await using linked = await LinkedGroup.start(3, { queue: quiet });
    const { queues } = linked.client;
    const queue = await linked.nameAtHome(1, 'missed');
    // the queue is known, and nothing of it is left
    await queues.put(queue, 'known');
    await (await queues.get(queue))[0]!.ack();
    await linked.cut(1);
    await queues.put(queue, 'missed');
    await linked.restore(1);
    expect(await linked.onAll('ZCARD', queue, 'ready')).toEqual([1, 0, 1]);

    expect(await take(queues, queue)).toBe('missed');
  },
  60_000,
);
