import { expect, it } from 'vitest';
import { startLocalGroup } from '../../../lib/testing/index.js';
import { homeOrder } from '../../../lib/quorum/home-order.js';
import { Clients, keyMaker } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';

const nextQueue = keyMaker('missed');

it.each(['get', 'consume'] as const)(
  'a message that home missed is found by %s within a few poll intervals, before members are compared',
  async (way) => {
    await using group = await startLocalGroup({ size: 3 });
    const clients = new Clients();
    try {
      const quiet = { pollInterval: 200, antiEntropyInterval: 3_600_000 };
      const { queues, group: members } = await clients.connect(group.urls, { queue: quiet });
      await eventually(() => members.status().voting === 3);
      const queue = nextQueue();
      const all = members.status().members.map(({ incarnation }) => ({ incarnation }));
      const server = group.members[all.indexOf(homeOrder(queue, all)[0]!)]!;
      await queues.put(queue, 'known');
      await (await queues.get(queue))[0]!.ack();
      server.freeze();
      await queues.put(queue, 'missed');
      await eventually(() => members.status().voting === 2);
      server.thaw();
      await eventually(() => members.status().voting === 3);
      if (way === 'get') expect((await queues.get(queue, { waitFor: 5000 }))[0]!.body).toBe('missed');
      else {
        const bodies: unknown[] = [];
        const consumer = queues.consume(queue).subscribe(({ body }) => bodies.push(body));
        await eventually(() => bodies.length === 1);
        consumer.unsubscribe();
        expect(bodies).toEqual(['missed']);
      }
    } finally {
      await clients.close();
    }
  },
  60_000,
);
