import { first, firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { InvalidOptionsError } from '../../../lib/errors.js';
import { slotOf } from '../../../lib/member/key-slot.js';
import type { NodeOptions } from '../../../lib/member/node-options.js';
import { partitionOf, partitionPrefix } from '../../../lib/quorum/partition-space.js';
import { startLocalGroup } from '../../../lib/testing/index.js';
import { Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { masterOf, startLocalCluster, type LocalCluster } from '../../support/local-cluster.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextPrefix = keyMaker('prefix');
const partitions = 12;
const names = Array.from({ length: 40 }, (_, index) => `name-${index}`);

async function connect(
  nodes: readonly NodeOptions[],
  keyPrefix: string,
  count = partitions,
  awaited = nodes.length,
): Promise<TestClient> {
  const clients = new Clients();
  onTestFinished(() => clients.close());
  const times = { requestTimeout: 500, maxOperationTime: 1000, queue: { leaseMax: 1000, lease: 1000 } };
  const client = await clients.connect(nodes, { keyPrefix, partitions: count, ...times, lock: { ttlMax: 5000 } });
  await eventually(() => client.group.status().voting === awaited);
  return client;
}

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
}

/** A name of another partition than this one. */
function elsewhere(name: string, count = partitions): string {
  return names.find((other) => partitionOf(other, count) !== partitionOf(name, count))!;
}

describe('a group of several partitions on three Redis Clusters of three masters each', () => {
  let clusters: LocalCluster[];
  let nodes: NodeOptions[];

  beforeAll(async () => {
    clusters = await Promise.all([3, 3, 3].map(startLocalCluster));
    nodes = clusters.map(({ startupNodes }) => ({ cluster: startupNodes }));
  }, 60_000);
  afterAll(async () => {
    for (const cluster of clusters) await cluster[Symbol.asyncDispose]();
  });

  it('spreads locks, values and queues over all masters of each, and finds them all again', async () => {
    const keyPrefix = nextPrefix();
    const [here, there] = [await connect(nodes, keyPrefix), await connect(nodes, keyPrefix)];
    const locks = await Promise.all(names.map((name) => here.locks.acquire(name, { ttl: 5000 })));
    await Promise.all(names.map((name) => here.kv.set(name, { name })));
    await Promise.all(names.map((name) => here.queues.put(name, name, { id: `${name}'s` })));

    expect(await there.locks.tryAcquire(names[7]!)).toBeNull();
    expect((await collect(there.locks.list('name-'))).map(({ key }) => key).sort()).toEqual([...names].sort());
    expect((await collect(there.kv.keys())).sort()).toEqual([...names].sort());
    expect((await there.kv.getMany(names)).size).toBe(names.length);
    expect(await there.queues.names()).toEqual([...names].sort());
    // of a caller's id it is known where the queue is
    expect((await there.queues.put(names[3]!, names[3]!, { id: `${names[3]}'s` })).isDuplicate).toBe(true);
    const [delivery] = await there.queues.get<string>(names[3]!);
    expect(delivery!.body).toBe(names[3]);
    await delivery!.ack();
    await there.queues.pause(names[4]!);
    expect(await here.queues.isPaused(names[4]!)).toBe(true);

    const watched = there.kv.watch<{ name: string }>(names[9]!);
    const seen = firstValueFrom(watched.pipe(first(({ value }) => value!.name === 'changed')));
    await here.kv.set(names[9]!, { name: 'changed' });
    expect((await seen).exists).toBe(true);

    for (const { masters } of clusters) {
      const counts = await Promise.all(
        masters.map(async (master) => ((await master.command('KEYS', `{${keyPrefix}*`)) as string[]).length),
      );
      // evenly, as partitions are spread evenly: a third each, give or take
      for (const count of counts) expect(count).toBeGreaterThan(50);
    }
    const status = here.group.status();
    expect(status.partitions).toEqual({ count: partitions, withQuorum: partitions });
    expect(status.members.map((member) => member.partitions)).toEqual(
      Array(3).fill({ voting: partitions, missing: [] }),
    );
    // a member that votes is told once, not once for each partition
    expect(here.events.filter(({ type }) => type === 'member')).toHaveLength(3);
    expect(here.events.filter((event) => event.type === 'group' && event.event === 'formed')).toHaveLength(1);
    await Promise.all(locks.map((lock) => lock.release()));
  });

  it('takes several keys of one partition together, and refuses those of several', async () => {
    const client = await connect(nodes, nextPrefix());
    const lock = await client.locks.acquire(['{order}:a', '{order}:b', 'order']);
    expect(await lock.release()).toBe('released');
    const apart = client.locks.acquire(['name-0', elsewhere('name-0')]);
    await expect(apart).rejects.toThrow(InvalidOptionsError);
    await expect(apart).rejects.toThrow(/keys of one partition, as those with a common \{tag\} are/);
    expect(await collect(client.kv.keys('{order}'))).toEqual([]);
  });

  it.each([
    { theirs: 12, ours: 6 },
    { theirs: 12, ours: 1 },
    { theirs: 1, ours: 2 },
  ])('refuses a client with partitions $ours where others have $theirs (S31)', async ({ theirs, ours }) => {
    const keyPrefix = nextPrefix();
    const client = await connect(nodes, keyPrefix, theirs);
    const lock = await client.locks.acquire('some', { ttl: 5000 });
    await expect(connect(nodes, keyPrefix, ours)).rejects.toThrow(
      `partitions must be ${theirs}, as in the other clients of this group, got ${ours}`,
    );
    expect(client.group.status().voting).toBe(3);
    expect(lock.isHeld).toBe(true);
  });

  it('loses and brings back only those partitions whose master was lost', async () => {
    const keyPrefix = nextPrefix();
    const client = await connect(nodes, keyPrefix);
    await Promise.all(names.map((name) => client.kv.set(name, name)));
    const lost = await masterOf(slotOf(partitionPrefix(keyPrefix, 5, partitions)), clusters[1]!);
    const carried: number[] = [];
    for (let index = 0; index < partitions; index++) {
      const prefix = partitionPrefix(keyPrefix, index, partitions);
      if ((await masterOf(slotOf(prefix), clusters[1]!)) === lost) carried.push(index);
    }
    expect(carried).toHaveLength(partitions / 3);

    await lost.kill();
    const member = () => client.group.status().members[1]!;
    await eventually(() => member().partitions!.missing.length === carried.length);
    expect(member().partitions!.missing.map(({ partition }) => partition)).toEqual(carried);
    expect(member()).toMatchObject({ state: 'down', reason: expect.stringMatching(/^4 of 12 partitions: /) });
    expect(client.group.status()).toMatchObject({ voting: 2, hasQuorum: true });
    await Promise.all(names.map((name) => client.kv.set(name, `${name} again`)));

    const before = client.events.length;
    await lost.start();
    await eventually(() => client.group.status().voting === 3, { within: 30_000 });
    const events = client.events.slice(before);
    const rejoined = events.flatMap((event) => (event.type === 'rejoin' ? [event.partition] : []));
    expect([...new Set(rejoined)].sort((a, b) => a! - b!)).toEqual(carried);
    expect(events.filter((event) => event.type === 'member' && event.state === 'voting')).toHaveLength(1);
    expect((await client.kv.getMany(names)).size).toBe(names.length);
  }, 60_000);
});

describe('a group of several partitions', () => {
  it('may have members that are single servers, and names the partition that has no quorum', async () => {
    const group = await startLocalGroup({ size: 3 });
    onTestFinished(() => group.stop());
    const keyPrefix = nextPrefix();
    const client = await connect(group.urls, keyPrefix, 3);
    await Promise.all(names.map((name) => client.kv.set(name, name)));
    expect((await client.kv.getMany(names)).size).toBe(names.length);
    expect((await client.group.check()).members.every(({ state }) => state === 'voting')).toBe(true);
    await Promise.all([group.members[0]!.kill(), group.members[1]!.kill()]);
    // each partition finds out by its own connections
    await eventually(() => client.group.status().partitions!.withQuorum === 0);
    expect(client.group.status()).toMatchObject({ voting: 1, hasQuorum: false, partitions: { count: 3 } });
    expect(client.events.filter((event) => event.type === 'group' && event.event === 'quorum-lost')).toHaveLength(1);
    const where = `(partition ${partitionOf('some', 3)})`;
    await expect(client.locks.acquire('some')).rejects.toThrow(`No quorum for lock "some" ${where}: `);
  });
});
