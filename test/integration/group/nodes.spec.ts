import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import type { EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { NodeOptions, RedisInstance } from '../../../lib/member/node-options.js';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { acquireEverywhere, Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextPrefix = keyMaker('prefix');

let open: LocalGroup;
let locked: LocalGroup;

beforeAll(async () => {
  [open, locked] = await Promise.all([
    startLocalGroup({ size: 3 }),
    startLocalGroup({ size: 3, args: ['--requirepass', 'right'] }),
  ]);
});
afterAll(async () => {
  await Promise.all([open.stop(), locked.stop()]);
});

async function connect(nodes: readonly NodeOptions[]): Promise<TestClient> {
  const clients = new Clients();
  onTestFinished(() => clients.close());
  const client = await clients.connect(nodes, { keyPrefix: nextPrefix() });
  await eventually(() => client.group.status().voting === nodes.length);
  return client;
}

/** Takes, waits for and releases a lock: commands and wake-ups both go through. */
async function expectToWork({ locks }: TestClient): Promise<void> {
  const held = await acquireEverywhere(locks, 'some');
  expect(await locks.tryAcquire('some')).toBeNull();
  const waiting = locks.acquire('some', { waitFor: 5000 });
  await eventually(async () => (await locks.inspect('some')).waiting === 1);
  expect(await held.release()).toBe('released');
  expect(await (await waiting).release()).toBe('released');
}

/** What both majors of ioredis have in common. */
type InstanceUnderTest = RedisInstance & EventEmitter & { ping(): Promise<string>; disconnect(): void };

const portsOf = ({ members }: LocalGroup): number[] => members.map(({ port }) => port);

describe('nodes given as', () => {
  it('URLs', async () => {
    await expectToWork(await connect(open.urls));
  });

  it('URLs with a password, and with the number of a database', async () => {
    const client = await connect(locked.urls.map((url) => `${url.replace('//', '//:right@')}/3`));
    await expectToWork(client);
    const reader = new Redis(`${locked.urls[0]!.replace('//', '//:right@')}/3`);
    onTestFinished(() => reader.disconnect());
    expect(await reader.keys('prefix-*:lock:some')).toHaveLength(1);
    await reader.select(0);
    expect(await reader.keys('*')).toEqual([]);
  });

  it('URLs with the name and password of an ACL user, with signs that a URL must escape', async () => {
    const password = 'p@ss:w/rd?#%';
    for (const member of open.members) {
      await member.command('ACL', 'SETUSER', 'app', 'on', `>${password}`, '~*', '&*', '+@all');
    }
    const urls = open.urls.map((url) => url.replace('//', `//app:${encodeURIComponent(password)}@`));
    await expectToWork(await connect(urls));
    const list = String(await open.members[0]!.command('CLIENT', 'LIST'));
    expect(list).toContain('user=app');
  });

  it('ioredis options, with names that status and errors use', async () => {
    const nodes = portsOf(locked).map((port, index) => ({
      host: '127.0.0.1',
      port,
      password: 'right',
      name: `site-${index}`,
    }));
    const client = await connect(nodes);
    expect(client.group.status().members.map(({ name }) => name)).toEqual(['site-0', 'site-1', 'site-2']);
    const lock = await client.locks.acquire('some');
    const refusal: unknown = await client.locks.acquire('some').catch((error: unknown) => error);
    expect((refusal as Error).message).toContain('site-1');
    await lock.release();
    await expectToWork(client);
  });

  it('the path of a Unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'majority-'));
    const path = join(folder, 's');
    await using group = await startLocalGroup({ size: 1, args: ['--unixsocket', path] });
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    expect(group.members).toHaveLength(1);
    const client = await connect([{ path }]);
    await expectToWork(client);
    expect(client.group.status().members[0]!.address).toBe(path);
    await client.close();
  });

  it.each([
    { version: '6', make: (port: number): InstanceUnderTest => new Redis(port, '127.0.0.1') },
    { version: '5', make: (port: number): InstanceUnderTest => new Redis5(port, '127.0.0.1') },
  ])('ready instances of ioredis $version, which stay open and as they are', async ({ make }) => {
    const instances = portsOf(open).map(make);
    onTestFinished(() => instances.forEach((one) => one.disconnect()));
    await Promise.all(instances.map((one) => one.ping()));
    const settings = instances.map(({ options }) => ({ ...options }));
    const listeners = instances.map((one) => one.eventNames().map((name) => [name, one.listenerCount(name)]));
    const client = await connect(instances);
    await expectToWork(client);
    await client.close();
    expect(instances.map(({ status }) => status)).toEqual(['ready', 'ready', 'ready']);
    expect(await Promise.all(instances.map((one) => one.ping()))).toEqual(['PONG', 'PONG', 'PONG']);
    expect(instances.map(({ options }) => ({ ...options }))).toEqual(settings);
    expect(instances.map((one) => one.eventNames().map((name) => [name, one.listenerCount(name)]))).toEqual(listeners);
  });

  it('ready instances with settings that would harm us: they are not used for our own connections', async () => {
    const instances = portsOf(open).map(
      (port) =>
        new Redis({
          port,
          keyPrefix: 'app:',
          enableAutoPipelining: true,
          stringNumbers: true,
          lazyConnect: true,
          maxRetriesPerRequest: null,
          commandTimeout: 60_000,
        }),
    );
    onTestFinished(() => instances.forEach((one) => one.disconnect()));
    const client = await connect(instances);
    await expectToWork(client);
    const lock = await client.locks.acquire('some');
    expect(Number.isSafeInteger(lock.token)).toBe(true);
    // they were never connected, and are not now
    expect(instances.map(({ status }) => status)).toEqual(['wait', 'wait', 'wait']);
    expect(await open.members[0]!.command('KEYS', 'app:*')).toEqual([]);
    await client.close();
    await instances[0]!.set('own', '1');
    expect(await open.members[0]!.command('GET', 'app:own')).toBe('1');
  });

  it('a ready instance that is closed afterwards: the group goes on', async () => {
    const instances = portsOf(open).map((port) => new Redis(port, '127.0.0.1'));
    await Promise.all(instances.map((one) => one.ping()));
    const client = await connect(instances);
    await Promise.all(instances.map((one) => one.quit()));
    await Promise.all(open.members.map((member) => member.command('CLIENT', 'KILL', 'TYPE', 'normal')));
    await eventually(() => client.events.some((event) => event.type === 'member' && event.state === 'down'));
    await eventually(() => client.group.status().voting === 3);
    await expectToWork(client);
  });

  it('a mixture of URL, options and instance', async () => {
    const [one, two, three] = open.members;
    const instance = new Redis5(three!.port, '127.0.0.1');
    onTestFinished(() => instance.disconnect());
    await expectToWork(await connect([one!.url, { host: '127.0.0.1', port: two!.port }, instance]));
  });

  it.each([
    'http://127.0.0.1:1',
    '127.0.0.1:6390',
    '',
    'redis://127.0.0.1/zero',
    {},
    null,
    7,
    { cluster: [] },
  ] as unknown[])('%j are refused with InvalidOptionsError', async (node) => {
    const nodes = [open.urls[0]!, node] as string[];
    await expect(new Clients().connect(nodes)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
