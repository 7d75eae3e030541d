import { createHash } from 'node:crypto';
import { Cluster } from 'ioredis';
import { Cluster as Cluster5 } from 'ioredis-5';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { slotOf } from '../../../lib/member/key-slot.js';
import type { NodeOptions } from '../../../lib/member/node-options.js';
import { createTransport } from '../../../lib/member/node-transport.js';
import type { Script } from '../../../lib/member/script.js';
import type { Connection } from '../../../lib/member/transport.js';
import { startLocalGroup, type LocalGroup, type LocalServer } from '../../../lib/testing/index.js';
import { acquireEverywhere, Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import {
  beginToMove,
  masterOf,
  startLocalCluster,
  type LocalCluster,
  type MovingSlot,
} from '../../support/local-cluster.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextPrefix = keyMaker('prefix');

async function connect(nodes: readonly NodeOptions[], keyPrefix = nextPrefix()): Promise<TestClient> {
  const clients = new Clients();
  onTestFinished(() => clients.close());
  const client = await clients.connect(nodes, { keyPrefix, requestTimeout: 500, maxOperationTime: 1000 });
  await eventually(() => client.group.status().voting === nodes.length);
  return client;
}

/** Every kind of request, from two clients. */
async function expectToWork(nodes: readonly NodeOptions[]): Promise<TestClient> {
  const keyPrefix = nextPrefix();
  const [here, there] = [await connect(nodes, keyPrefix), await connect(nodes, keyPrefix)];
  const held = await acquireEverywhere(here.locks, 'some');
  expect(await there.locks.tryAcquire('some')).toBeNull();
  expect((await there.locks.inspect('some')).votes.every(({ said }) => said === 'held')).toBe(true);
  const waiting = there.locks.acquire('some', { waitFor: 10_000 });
  await eventually(async () => (await here.locks.inspect('some')).waiting === 1);
  const releasedAt = performance.now();
  expect(await held.release()).toBe('released');
  const next = await waiting;
  expect(performance.now() - releasedAt).toBeLessThan(1500);
  expect(next.token).toBeGreaterThan(held.token);
  await next.extend();
  expect(await next.release()).toBe('released');

  const several = await here.locks.acquire(['a', 'b', 'c']);
  expect(await there.locks.tryAcquire('b')).toBeNull();
  expect(await several.release()).toBe('released');
  const readers = [
    await here.locks.acquire('r', { mode: 'shared' }),
    await there.locks.acquire('r', { mode: 'shared' }),
  ];
  expect(await here.locks.tryAcquire('r')).toBeNull();
  await Promise.all(readers.map((reader) => reader.release()));
  await (await eventually(() => here.locks.tryAcquire('r'))).release();
  return here;
}

function firstPage(connection: Connection): Promise<unknown> {
  return connection.scan('{p}:kv:*')[Symbol.asyncIterator]().next();
}

describe('the connection to the master of a Redis Cluster that serves a slot', () => {
  let cluster: LocalCluster;
  let connection: Connection;
  let moving: MovingSlot;
  let reason: string | undefined;
  const keys = Array.from({ length: 600 }, (_, index) => `{p}:kv:${index}`);
  const script = (source: string): Script => ({
    name: 'test',
    source,
    sha: createHash('sha1').update(source).digest('hex'),
  });

  beforeAll(async () => {
    cluster = await startLocalCluster(2);
    const transport = createTransport('nodes[0]', { cluster: cluster.startupNodes }, 'p');
    connection = await transport.connect(5000, (said) => (reason = said));
    const source = await masterOf(slotOf('p'), cluster);
    const fill = `for i, key in ipairs(KEYS) do redis.call('SET', key, i) end`;
    await connection.evaluate(script(fill), keys, []);
    const target = cluster.masters.find((master) => master !== source)!;
    moving = await beginToMove(slotOf('p'), source, target, cluster.masters);
  });
  afterAll(async () => {
    connection.close();
    await cluster[Symbol.asyncDispose]();
  });

  it('runs no script while the slot moves, as its keys may leave in the middle of it (S30)', async () => {
    const renew = script(`redis.call('DEL', KEYS[1]); redis.call('SET', KEYS[1], 'new'); return 'done'`);
    await expect(connection.evaluate(renew, [keys[0]!], [])).rejects.toThrow(/^(TRYAGAIN|ASK) /);
    const source = await masterOf(slotOf('p'), cluster);
    expect(await source.command('GET', keys[0]!)).toBe('1');
  });

  it('casts no votes while the slot moves, also none that only read (S30)', async () => {
    const reading = { script: script(`return { redis.call('GET', KEYS[2]) }`), header: [] };
    for (const votingScript of [reading, { ...reading, isRead: true }]) {
      const sink = { onReply: () => undefined, onFailure: () => undefined };
      const batch = [{ votingScript, keys: ['p:kv:0'], args: [], sink }];
      const answer = new Promise((resolve, reject) => {
        connection.cast!(keys[1]!, '2', batch, (error, reply) => (error ? reject(error) : resolve(reply)));
      });
      await expect(answer).rejects.toThrow(/^(TRYAGAIN|ASK) /);
    }
  });

  it('walks over all keys of the slot or none: not over those that have not moved yet (S30)', async () => {
    expect(await moving.move(300)).toBe(300);
    await expect(firstPage(connection)).rejects.toThrow(/^(TRYAGAIN|ASK) /);
    while ((await moving.move(300)) > 0);
    await expect(firstPage(connection)).rejects.toThrow(/^(TRYAGAIN|ASK) /);
    await moving.finish();
    await expect(firstPage(connection)).rejects.toThrow(/^MOVED /);
  });

  it('is made to the new master once the slot has moved', async () => {
    const transport = createTransport('nodes[0]', { cluster: cluster.startupNodes }, 'p');
    const next = await transport.connect(5000, () => undefined);
    expect(next.facts.incarnation).not.toBe(connection.facts.incarnation);
    const found = new Set<string>();
    for await (const page of next.scan('{p}:kv:*')) for (const key of page) found.add(key);
    expect([...found].sort()).toEqual([...keys].sort());
    next.close();
    expect(reason).toBeUndefined();
  });
});

describe('members that are Redis Clusters', () => {
  let plain: LocalGroup;
  let single: LocalCluster[];
  let whole: LocalCluster;

  beforeAll(async () => {
    [plain, whole, ...single] = await Promise.all([
      startLocalGroup({ size: 2 }),
      startLocalCluster(3),
      startLocalCluster(1),
      startLocalCluster(1),
      startLocalCluster(1),
    ]);
  });
  afterAll(async () => {
    await plain.stop();
    for (const cluster of [whole, ...single]) await cluster[Symbol.asyncDispose]();
  });

  it('work as { cluster: [...] }: three clusters of one master each', async () => {
    await expectToWork(single.map(({ startupNodes }) => ({ cluster: startupNodes })));
  });

  it('work beside plain members: one cluster of three masters and two servers', async () => {
    const client = await expectToWork([...plain.urls, { cluster: whole.startupNodes, name: 'cluster' }]);
    expect(client.group.status().members[2]).toMatchObject({ name: 'cluster', state: 'voting' });
    expect(client.group.status().members[2]!.address).toContain(String(whole.startupNodes[0]!.port));
  });

  it('keep a group in one slot, whatever its keys, and different groups where their prefix leads', async () => {
    const client = await connect([...plain.urls, { cluster: whole.startupNodes }], 'one-slot');
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    await client.locks.acquire(keys);
    const holding = await Promise.all(
      whole.masters.map(async (master) => ((await master.command('KEYS', '*one-slot*')) as string[]).length),
    );
    expect(holding.filter((count) => count > 0)).toHaveLength(1);
  });

  it.each([
    { version: '6', make: (nodes: { host: string; port: number }[]) => new Cluster(nodes) },
    { version: '5', make: (nodes: { host: string; port: number }[]) => new Cluster5(nodes) },
  ])('work as ready Cluster instances of ioredis $version, which stay open and as they are', async ({ make }) => {
    const instance = make(whole.startupNodes);
    onTestFinished(() => instance.disconnect());
    await eventually(() => instance.status === 'ready');
    const { redisOptions, ...settings } = { ...instance.options };
    const client = await connect([...plain.urls, instance]);
    const held = await acquireEverywhere(client.locks, 'some');
    const waiting = client.locks.acquire('some', { waitFor: 5000 });
    await eventually(async () => (await client.locks.inspect('some')).waiting === 1);
    await held.release();
    expect(await (await waiting).release()).toBe('released');
    await client.close();
    expect(instance.status).toBe('ready');
    expect(await instance.set('own', '1')).toBe('OK');
    expect(instance.options).toMatchObject(settings);
    expect(instance.options.redisOptions).toEqual(redisOptions);
  });

  it('are brought back after they forgot', async () => {
    const nodes = single.map(({ startupNodes }) => ({ cluster: startupNodes }));
    const client = await connect(nodes);
    const held = await acquireEverywhere(client.locks, 'some', { ttl: 20_000 });
    await single[0]!.masters[0]!.command('FLUSHALL');
    await eventually(async () => {
      const { votes } = await client.locks.inspect('some');
      return votes.every(({ holders }) => holders[0]?.holder === held.holder);
    });
    expect(client.events).toContainEqual(expect.objectContaining({ type: 'rejoin', member: 'redis-1', phase: 'done' }));
    expect(await client.locks.tryAcquire('some')).toBeNull();
    expect(await held.release()).toBe('released');
  });

  it('wake who waits through the master that serves them now, after their slot moved', async () => {
    await using one = await startLocalCluster(2);
    const keyPrefix = nextPrefix();
    const client = await connect([...plain.urls, { cluster: one.startupNodes }], keyPrefix);
    const source = await masterOf(slotOf(keyPrefix), one);
    const target = one.masters.find((master) => master !== source)!;
    const inboxes = (master: LocalServer): Promise<unknown> => master.command('PUBSUB', 'CHANNELS', '*');
    let watches = 0;
    /** Whether the master has the inbox. Opens those that are not open, as each new watch does, also after it failed. */
    const hasInbox = async (master: LocalServer): Promise<boolean> => {
      const watching = client.kv.watch(`key-${++watches}`).subscribe();
      onTestFinished(() => watching.unsubscribe());
      return ((await inboxes(master)) as unknown[]).length === 1;
    };
    const moving = await beginToMove(slotOf(keyPrefix), source, target, one.masters);
    await eventually(async () => {
      await client.kv.set('some', 'other');
      return client.group.status().members[2]!.state === 'down';
    });
    await eventually(() => hasInbox(source));
    while ((await moving.move(100)) > 0);
    await moving.finish();
    await eventually(() => client.group.status().members[2]!.state === 'voting');
    await eventually(() => hasInbox(target));
    await eventually(async () => expect(await inboxes(source)).toHaveLength(0));
  });

  it('may be down in the minority, and are named', async () => {
    await using one = await startLocalCluster(1);
    const client = await connect([...plain.urls, { cluster: one.startupNodes }]);
    await one.masters[0]!.kill();
    await eventually(() => client.group.status().members[2]!.state !== 'voting');
    const lock = await client.locks.acquire('some');
    expect(await lock.release()).toBe('released');
    expect(client.group.status().members[2]!.reason).not.toBe('');
  });
});
