import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { Clients, type TestClient } from '../../support/clients.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

describe('keys of the group itself', () => {
  const clients = new Clients();
  let group: LocalGroup;
  let kv: TestClient['kv'];

  beforeAll(async () => {
    group = await startLocalGroup({ size: 1 });
    ({ kv } = await clients.connect(group.urls));
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  it('are out of reach of users’ keys', async () => {
    await kv.set('member', 1);
    await kv.set(':kv-floor:', 1);
    expect(await group.members[0]!.command('GET', 'majority:member')).toMatch(/^\w{40}$/);
    expect(await group.members[0]!.command('EXISTS', 'majority:kv-floor:')).toBe(0);
  });
});
