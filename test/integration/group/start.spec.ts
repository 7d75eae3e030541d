import { describe, expect, it, onTestFinished } from 'vitest';
import { InvalidOptionsError, NoQuorumError } from '../../../lib/errors.js';
import { startLocalGroup, type LocalGroup, type LocalGroupOptions } from '../../../lib/testing/index.js';
import { Clients } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { stays } from '../../support/stays.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

/** Short times, so that waiting for a maximal lease takes a second. */
const brisk = {
  requestTimeout: 200,
  maxOperationTime: 400,
  connectTimeout: 5000,
  lock: { ttl: 500, ttlMax: 1000 },
  queue: { lease: 1000, leaseMax: 1000 },
} as const;

async function start(options: LocalGroupOptions): Promise<{ group: LocalGroup; clients: Clients }> {
  const clients = new Clients();
  const group = await startLocalGroup(options);
  onTestFinished(async () => {
    await clients.close();
    await group.stop();
  });
  return { group, clients };
}

describe('a new group', () => {
  it.each([1, 3, 4, 5])('of %d forms at once when all its members are there', async (size) => {
    const { group, clients } = await start({ size });
    const startedAt = performance.now();
    const client = await clients.connect(group.urls);
    expect(performance.now() - startedAt).toBeLessThan(1500);
    await eventually(() => client.group.status().voting === size);
    expect(client.group.status()).toMatchObject({ name: 'default', groupSize: size, hasQuorum: true });
    expect(client.group.status().members.map(({ name, state, reason }) => ({ name, state, reason }))).toEqual(
      group.members.map(({ name }) => ({ name, state: 'voting', reason: undefined })),
    );
    expect(client.events).toContainEqual(expect.objectContaining({ type: 'group', event: 'formed' }));
    expect(await client.locks.tryAcquire('some')).not.toBeNull();
  });

  it('forms once when two clients start at the same moment, again and again, and they exclude each other', async () => {
    const { group, clients } = await start({ size: 3 });
    for (let round = 0; round < 10; round++) {
      const options = { ...brisk, keyPrefix: `group-${round}` };
      const both = await Promise.all([clients.connect(group.urls, options), clients.connect(group.urls, options)]);
      await eventually(() => both.every((client) => client.group.status().voting === 3));
      const locks = await Promise.all(both.map((client) => client.locks.tryAcquire('some')));
      expect(locks.filter((lock) => lock !== null)).toHaveLength(1);
      const whole = both.flatMap(({ events }) => events.filter(({ type }) => type === 'group'));
      expect(whole.filter((event) => event.type === 'group' && event.event !== 'formed')).toEqual([]);
    }
  });

  it('with a member missing works one maximal lease later, says so, and takes the member in when it comes', async () => {
    const { group, clients } = await start({ size: 3 });
    await group.members[2]!.stop();
    const startedAt = performance.now();
    const client = await clients.connect(group.urls, brisk);
    const lock = await eventually(() => client.locks.acquire('some'));
    const elapsed = performance.now() - startedAt;
    expect(elapsed).toBeGreaterThanOrEqual(brisk.lock.ttlMax);
    expect(elapsed).toBeLessThan(5000);
    expect(client.events).toContainEqual(expect.objectContaining({ type: 'group', event: 'total-loss' }));
    await group.members[2]!.start();
    await eventually(() => client.group.status().voting === 3);
    expect(await lock.release()).toBe('released');
    expect(await client.locks.tryAcquire('some')).not.toBeNull();
  });
});

describe('a group that exists', () => {
  it.each([
    { size: 3, missing: 1 },
    { size: 4, missing: 1 },
    { size: 5, missing: 2 },
  ])('of $size starts fast with $missing members down, and names them', async ({ size, missing }) => {
    const { group, clients } = await start({ size });
    const first = await clients.connect(group.urls);
    await eventually(() => first.group.status().voting === size);
    const lock = await first.locks.acquire('some', { ttl: 20_000 });
    await Promise.all(group.members.slice(0, missing).map((member) => member.stop()));

    const startedAt = performance.now();
    const second = await clients.connect(group.urls);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(await second.locks.tryAcquire('some')).toBeNull();
    expect(await second.locks.tryAcquire('other')).not.toBeNull();
    const down = second.group.status().members.filter(({ state }) => state === 'down');
    expect(down.map(({ name }) => name)).toEqual(group.members.slice(0, missing).map(({ name }) => name));
    for (const { reason } of down) expect(reason).toContain('ECONNREFUSED');
    expect(await lock.release()).toBe('released');
  });

  it('starts fast with a minority frozen', async () => {
    const { group, clients } = await start({ size: 3 });
    const first = await clients.connect(group.urls);
    await eventually(() => first.group.status().voting === 3);
    group.members[0]!.freeze();
    const startedAt = performance.now();
    const second = await clients.connect(group.urls);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(await second.locks.tryAcquire('some')).not.toBeNull();
  });

  it('may be larger than what a client knows of it, as long as the client knows a quorum', async () => {
    const { group, clients } = await start({ size: 5 });
    const whole = await clients.connect(group.urls);
    await eventually(() => whole.group.status().voting === 5);
    const part = await clients.connect(group.urls.slice(0, 3), { groupSize: 5 });
    expect(part.group.status()).toMatchObject({ groupSize: 5, quorum: 3 });
    await eventually(() => part.group.status().voting === 3);
    const lock = await part.locks.acquire('some');
    expect(await whole.locks.tryAcquire('some')).toBeNull();
    expect(await lock.release()).toBe('released');

    await group.members[0]!.stop();
    await eventually(() => part.group.status().voting === 2);
    await expect(part.locks.acquire('some')).rejects.toBeInstanceOf(NoQuorumError);
    expect(await whole.locks.tryAcquire('some')).not.toBeNull();
  });

  it.each([
    { nodes: 2, groupSize: 5 },
    { nodes: 4, groupSize: 3 },
  ])('refuses $nodes nodes for a groupSize of $groupSize', async ({ nodes, groupSize }) => {
    const urls = Array.from({ length: nodes }, (_, index) => `redis://127.0.0.1:${1000 + index}`);
    await expect(new Clients().connect(urls, { groupSize })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      option: 'nodes',
    });
  });
});

describe('groups on the same servers', () => {
  it('are kept apart by keyPrefix, also where one prefix begins like the other', async () => {
    const { group, clients } = await start({ size: 3 });
    const [a, ab] = await Promise.all([
      clients.connect(group.urls, { ...brisk, keyPrefix: 'a' }),
      clients.connect(group.urls, { ...brisk, keyPrefix: 'ab' }),
    ]);
    await eventually(() => [a, ab].every((client) => client.group.status().voting === 3));
    expect(await a.locks.tryAcquire('some')).not.toBeNull();
    expect(await ab.locks.tryAcquire('some')).not.toBeNull();
    expect(await a.locks.tryAcquire('some')).toBeNull();
    const keys = (await group.members[0]!.command('KEYS', '*')) as string[];
    expect(keys.filter((key) => !/^ab?:/.test(key))).toEqual([]);
  });

  it('are kept apart by the number of the database', async () => {
    const { group, clients } = await start({ size: 3 });
    const [zero, two] = await Promise.all([
      clients.connect(group.urls),
      clients.connect(group.urls.map((url) => `${url}/2`)),
    ]);
    expect(await zero.locks.tryAcquire('some')).not.toBeNull();
    expect(await two.locks.tryAcquire('some')).not.toBeNull();
    expect(await two.locks.tryAcquire('some')).toBeNull();
    expect(String(await group.members[0]!.command('INFO', 'keyspace'))).toMatch(/db0:.*\r\ndb2:/);
  });
});

describe('two nodes that are the same server', () => {
  it.each([
    { how: 'by the same URL', twin: (url: string) => url },
    { how: 'by another name of its host', twin: (url: string) => url.replace('127.0.0.1', 'localhost') },
    { how: 'by another database', twin: (url: string) => `${url}/1` },
  ])('are refused $how, also when the others are fine', async ({ twin }) => {
    const { group, clients } = await start({ size: 2 });
    const [one, two] = group.urls as [string, string];
    const startedAt = performance.now();
    const error: unknown = await clients.connect([one, two, twin(one)]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect((error as InvalidOptionsError).message).toMatch(/^nodes must be .*redis-[13] and redis-[13]/);
  });
});

describe('a member that may evict keys', () => {
  it('is warned of by an event with its name and policy; others are not', async () => {
    const { group, clients } = await start({ size: 3 });
    await group.members[1]!.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const { events } = await clients.connect(group.urls);
    const warning = { type: 'warning', member: 'redis-2', message: expect.stringContaining('allkeys-lru') as string };
    await eventually(() => expect(events).toContainEqual(warning) ?? true);
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(1);
    expect(events.find(({ type }) => type === 'warning')).toMatchObject({
      message: expect.stringContaining('noeviction') as string,
    });
  });
});

describe('a group that was forgotten as a whole', () => {
  it('stays closed for one maximal lease, then goes on and says so', async () => {
    const { group, clients } = await start({ size: 3 });
    const client = await clients.connect(group.urls, brisk);
    await eventually(() => client.group.status().voting === 3);
    const lock = await client.locks.acquire('some', { ttl: 1000, autoExtend: false });
    await Promise.all(group.members.map((member) => member.restart()));
    await stays(
      async () => {
        const granted = await client.locks.tryAcquire('some').catch(() => null);
        return granted === null;
      },
      { for: Math.max(0, lock.remaining), every: 50 },
    );
    await eventually(() => client.locks.tryAcquire('some').catch(() => null));
    await eventually(() => client.group.status().voting === 3);
    const whole = client.events.filter((event) => event.type === 'group' && event.event === 'majority-restart');
    expect(whole).toHaveLength(1);
  });
});
