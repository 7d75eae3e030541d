import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { NoQuorumError } from '../../../lib/errors.js';
import { startLocalGroup, type LocalGroup, type LocalServer } from '../../../lib/testing/index.js';
import { acquireEverywhere, Clients, type TestClient } from '../../support/clients.js';
import { startLocalCluster } from '../../support/local-cluster.js';
import { eventually } from '../../support/eventually.js';
import { read } from '../../support/repository.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

const connectTimeout = 5000;

/** The rules that the guide gives a user, without its name: for all, for partitions, for Clusters. */
const [rules, forPartitions, forClusters] = [
  ...read('docs/guides/operations.md').matchAll(/^ACL SETUSER majority (.+)$/gm),
].map(([, text]) => text!.split(' ')) as [string[], string[], string[]];
const needed = rules.filter((rule) => rule.startsWith('+'));

let servers: LocalGroup;
beforeAll(async () => {
  servers = await startLocalGroup({ size: 3 });
});
afterAll(() => servers.stop());

async function urlsFor(user: string, userRules: readonly string[]): Promise<string[]> {
  for (const member of servers.members) await member.command('ACL', 'SETUSER', user, 'reset', ...userRules);
  return servers.urls.map((url) => url.replace('//', `//${user}:secret@`));
}

/** What was refused since the last look, on any server, besides the names that ioredis gives its connections. */
async function refusals(on: readonly LocalServer[]): Promise<string[]> {
  const logs = await Promise.all(on.map((server) => server.command('ACL', 'LOG')));
  const entries = logs.flatMap((log) => (log as unknown[]).map((entry) => JSON.stringify(entry)));
  return entries.filter((entry) => !/client\|set(info|name)/.test(entry));
}

async function useLocks({ locks }: TestClient, [one, two] = ['one', 'two'] as [string, string]): Promise<void> {
  const held = await acquireEverywhere(locks, [one, two]);
  const waiting = locks.acquire(one, { waitFor: 5000 });
  await eventually(async () => (await locks.inspect(one)).waiting === 1);
  await held.extend();
  expect(await held.release()).toBe('released');
  expect(await (await waiting).release()).toBe('released');
  expect(await (await locks.acquire(one, { mode: 'shared' })).release()).toBe('released');
  for await (const state of locks.list()) expect(state.key).not.toBe('');
}

async function useValues({ kv }: TestClient): Promise<void> {
  await kv.set('a', { b: 1 });
  await kv.set('short', 1, { ttl: 300 });
  expect(await kv.increment('count', 2)).toBe(2);
  expect(await kv.getMany(['a', 'count'])).toEqual(expect.anything());
  const keys: string[] = [];
  for await (const key of kv.keys()) keys.push(key);
  expect(keys).toContain('a');
  expect(await kv.delete('a')).toBe(true);
  await eventually(async () => (await kv.get('short')) === null);
}

async function useQueues({ queues }: TestClient): Promise<void> {
  const seen: unknown[] = [];
  const consumption = queues.consume('mail').subscribe((delivery) => {
    seen.push(delivery.body);
    void (delivery.attempt === 1 && delivery.body === 'again' ? delivery.nack({ delay: 10 }) : delivery.ack());
  });
  await queues.put('mail', 'first', { id: 'mine' });
  await queues.put('mail', 'again', { group: 'g', delay: 20 });
  await eventually(() => seen.length === 3);
  consumption.unsubscribe();
  await queues.put('other', 'x', { maxAttempts: 1 });
  const [delivery] = await queues.get('other', { waitFor: 1000 });
  await delivery!.reject('no');
  expect(await queues.deadLetters('other')).toHaveLength(1);
  await queues.redrive('other');
  await queues.purge('other');
  await queues.names();
  await queues.size('other');
}

describe('a user with the rights that the guide gives', () => {
  it('can do all that the services do, and bring a member back; nothing is refused', async () => {
    const clients = new Clients();
    onTestFinished(() => clients.close());
    for (const member of servers.members) await member.command('ACL', 'LOG', 'RESET');
    const urls = await urlsFor('least', rules);
    const client = await clients.connect(urls, {
      connectTimeout,
      kv: { sweepInterval: 200 },
      queue: { antiEntropyInterval: 200 },
    });
    await eventually(() => client.group.status().voting === 3);
    await useLocks(client);
    await useValues(client);
    await useQueues(client);
    await servers.members[1]!.command('FLUSHALL');
    await eventually(async () => {
      await client.locks.inspect('probe');
      return client.events.some((event) => event.type === 'rejoin' && event.phase === 'done' && event.copied > 0);
    });
    await eventually(() => client.group.status().voting === 3);
    expect(await refusals(servers.members)).toEqual([]);
  });

  it('can do the same on a Redis Cluster and in several partitions, with what the guide adds for them', async () => {
    await using cluster = await startLocalCluster(2);
    const clients = new Clients();
    onTestFinished(() => clients.close());
    const all = ['reset', ...rules, ...forPartitions, ...forClusters];
    for (const master of cluster.masters) await master.command('ACL', 'SETUSER', 'least', ...all);
    const options = { redisOptions: { username: 'least', password: 'secret' } };
    const client = await clients.connect([{ cluster: cluster.startupNodes, options }], {
      connectTimeout,
      partitions: 2,
      kv: { sweepInterval: 200 },
      queue: { antiEntropyInterval: 200 },
    });
    await useLocks(client, ['{some}1', '{some}2']);
    await useValues(client);
    await useQueues(client);
    expect(await refusals(cluster.masters)).toEqual([]);
  });

  it('reaches nothing of anyone else', async () => {
    const clients = new Clients();
    onTestFinished(() => clients.close());
    const urls = await urlsFor('least', rules);
    await expect(clients.connect(urls, { connectTimeout, keyPrefix: 'other' })).rejects.toThrow(NoQuorumError);
  });

  it.each(needed)(
    'is named as lacking one without %s, and the start does not wait for connectTimeout',
    async (right) => {
      const command = right.slice(1);
      // a server that does not know our scripts yet has to be given them
      if (command === 'eval') for (const member of servers.members) await member.command('SCRIPT', 'FLUSH');
      const urls = await urlsFor('less', [...rules, `-${command}`]);
      const startedAt = performance.now();
      const error: unknown = await new Clients().connect(urls, { connectTimeout }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(NoQuorumError);
      const said = (error as NoQuorumError).members.map((member) => member.said);
      // it is over as soon as a quorum has said no for good; the third may not have been heard then
      const naming = said.filter((text) => text.toLowerCase().includes(command));
      expect(naming.length, said.join('\n')).toBeGreaterThanOrEqual(2);
      expect(performance.now() - startedAt).toBeLessThan(connectTimeout - 1000);
    },
  );
});
