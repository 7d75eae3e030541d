import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { Clients } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { startLocalSentinel, type LocalSentinel } from '../../support/local-sentinel.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

describe('a member behind Redis Sentinel', () => {
  const brisk = { requestTimeout: 300, maxOperationTime: 600 };
  let plain: LocalGroup;
  let sentinel: LocalSentinel;

  beforeAll(async () => {
    [plain, sentinel] = await Promise.all([startLocalGroup({ size: 2 }), startLocalSentinel()]);
  });
  afterAll(async () => {
    await plain.stop();
    await sentinel[Symbol.asyncDispose]();
  });

  it('works as a ready instance, which stays open', async () => {
    const clients = new Clients();
    onTestFinished(() => clients.close());
    const instance = new Redis({ sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: sentinel.name });
    onTestFinished(() => instance.disconnect());
    const client = await clients.connect([...plain.urls, instance], { ...brisk, keyPrefix: 'instance' });
    await eventually(() => client.group.status().voting === 3);
    expect(await (await client.locks.acquire('some')).release()).toBe('released');
    await client.close();
    expect(await instance.ping()).toBe('PONG');
  });

  it('works by Sentinel options; a promoted replica votes only after it was brought back, the lock stays held', async () => {
    const clients = new Clients();
    onTestFinished(() => clients.close());
    const nodes = [...plain.urls, { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: sentinel.name }];
    const client = await clients.connect(nodes, brisk);
    await eventually(() => client.group.status().voting === 3);
    const member = (): ReturnType<typeof client.group.status>['members'][number] => client.group.status().members[2]!;
    expect(member()).toMatchObject({ name: sentinel.name, address: `sentinel:${sentinel.name}`, state: 'voting' });
    const before = member().incarnation;
    const held = await client.locks.acquire('some', { ttl: 20_000 });

    await sentinel.failOver();
    await eventually(() => member().state === 'voting' && member().incarnation !== before, { within: 20_000 });
    expect(client.events).toContainEqual(
      expect.objectContaining({ type: 'rejoin', member: sentinel.name, phase: 'done' }),
    );
    expect(held.isHeld).toBe(true);
    const { votes } = await client.locks.inspect('some');
    expect(votes.map(({ holders }) => holders[0]?.holder)).toEqual(Array(3).fill(held.holder));
    expect(await client.locks.tryAcquire('some')).toBeNull();
    expect(await held.release()).toBe('released');
  }, 60_000);
});
