import { expect, it, onTestFinished } from 'vitest';
import { startLocalGroup } from '../../../lib/testing/index.js';
import { Clients } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

it('a quorum that is lost and regained is told once each, and the first one of a client not at all', async () => {
  await using servers = await startLocalGroup({ size: 3 });
  const clients = new Clients();
  onTestFinished(() => clients.close());
  const client = await clients.connect(servers.urls, { lock: { ttlMax: 1000 }, queue: { leaseMax: 1000 } });
  const told = () =>
    client.events.flatMap((event) => (event.type === 'group' && event.event.startsWith('quorum') ? [event] : []));
  await eventually(() => client.group.status().voting === 3);
  await servers.members[0]!.kill();
  await eventually(() => client.group.status().voting === 2);
  expect(told()).toEqual([]);
  await servers.members[1]!.kill();
  await eventually(() => told().length === 1);
  expect(told()).toEqual([{ type: 'group', event: 'quorum-lost', detail: '1 of 3 members vote, 2 are needed' }]);
  expect(client.group.status().hasQuorum).toBe(false);
  await servers.members[2]!.kill();
  await eventually(() => client.group.status().voting === 0);
  await Promise.all(servers.members.map((member) => member.start()));
  await eventually(() => client.group.status().voting === 3);
  expect(told().map(({ event }) => event)).toEqual(['quorum-lost', 'quorum-regained']);
});
