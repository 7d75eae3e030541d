import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { Clients, type TestClient } from '../../support/clients.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

describe('keys of the group itself', () => {
  const clients = new Clients();
  let group: LocalGroup;
  let queues: TestClient['queues'];

  beforeAll(async () => {
    group = await startLocalGroup({ size: 1 });
    ({ queues } = await clients.connect(group.urls));
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  it('are out of reach of users’ names', async () => {
    await queues.put('member', 1);
    await queues.put(':facts:', 1, { id: 'queue-facts', group: 'majority:member' });
    expect(await group.members[0]!.command('GET', 'majority:member')).toMatch(/^\w{40}$/);
    expect(await queues.purge('member')).toBe(1);
    expect(await queues.purge(':facts:')).toBe(1);
  });
});
