import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type LocalGroup, findRedisServer, startLocalGroup } from '../../../lib/testing/index.js';
import { eventually } from '../../support/eventually.js';
import { isAlive } from '../../support/process.js';

async function start(options: Parameters<typeof startLocalGroup>[0]): Promise<LocalGroup> {
  const group = await startLocalGroup(options);
  onTestFinished(() => group.stop());
  return group;
}

async function startOne(options: Parameters<typeof startLocalGroup>[0] = {}) {
  const group = await start({ size: 1, ...options });
  return group.members[0]!;
}

async function dataFolder(server: { command(...args: string[]): Promise<unknown> }): Promise<string> {
  const [, folder] = (await server.command('CONFIG', 'GET', 'dir')) as [string, string];
  return folder;
}

describe('startLocalGroup', () => {
  it('starts independent servers on ports of their own, five by default', async () => {
    const group = await start({});
    expect(group.members.map(({ name }) => name)).toEqual(['redis-1', 'redis-2', 'redis-3', 'redis-4', 'redis-5']);
    expect(new Set(group.urls).size).toBe(5);
    expect(group.urls).toEqual(group.members.map(({ port }) => `redis://127.0.0.1:${port}`));
    for (const member of group.members) await member.command('SET', 'who', member.name);
    expect(await Promise.all(group.members.map((member) => member.command('GET', 'who')))).toEqual(
      group.members.map(({ name }) => name),
    );
  });

  it('listens on the loopback address only', async () => {
    const server = await startOne();
    expect(await server.command('CONFIG', 'GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    expect(await server.command('CONFIG', 'GET', 'protected-mode')).toEqual(['protected-mode', 'yes']);
  });

  it('ends all servers and removes their folders on stop(), which may be called twice', async () => {
    const group = await startLocalGroup({ size: 3 });
    const pids = group.members.map(({ pid }) => pid!);
    const folders = await Promise.all(group.members.map(dataFolder));
    group.members[1]!.freeze();
    await group.stop();
    await group.stop();
    expect(group.members.map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
  });

  it.each([0, 10, 2.5])('refuses a size of %d', async (size) => {
    await expect(startLocalGroup({ size })).rejects.toThrow(`size must be a whole number from 1 to 9, got ${size}`);
  });

  it("reports the server's own words when it does not start, and leaves nothing running", async () => {
    const failed = startLocalGroup({ size: 2, args: ['--no-such-option', '1'] });
    await expect(failed).rejects.toThrow(/redis-1 ended before it answered[^]*no-such-option/);
  });

  it('reports a program that cannot be started', async () => {
    const failed = startLocalGroup({ size: 1, redisServer: '/no/such/program' });
    await expect(failed).rejects.toThrow('redis-1 could not be started: Error: spawn /no/such/program ENOENT');
  });

  it('passes arguments on, a password among them', async () => {
    const server = await startOne({ args: ['--requirepass', 'secret'] });
    await expect(server.command('GET', 'x')).rejects.toThrow('NOAUTH');
  });
});

describe('LocalServer', () => {
  it('comes back empty on the same port after kill() and start()', async () => {
    const server = await startOne();
    const { port, pid } = server;
    await server.command('SET', 'x', '1');
    await server.kill();
    expect(server).toMatchObject({ state: 'stopped', pid: undefined });
    await expect(server.command('PING')).rejects.toThrow('ECONNREFUSED');

    await server.start();
    expect(server).toMatchObject({ state: 'running', port });
    expect(server.pid).not.toBe(pid);
    expect(await server.command('GET', 'x')).toBeNull();
  });

  it("keeps its data over kill() with persistence 'always'", async () => {
    const server = await startOne({ persistence: 'always' });
    await server.command('SET', 'x', '1');
    await server.restart();
    expect(await server.command('GET', 'x')).toBe('1');
  });

  it("forgets over an orderly stop() too with persistence 'none'", async () => {
    const server = await startOne();
    await server.command('SET', 'x', '1');
    await server.stop();
    await server.start();
    expect(await server.command('EXISTS', 'x')).toBe(0);
  });

  it('executes what arrived while it was frozen once it is thawed', async () => {
    const server = await startOne();
    server.freeze();
    expect(server.state).toBe('frozen');
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    await new Promise<void>((written) => socket.end('SET x late\r\n', written));

    server.thaw();
    expect(server.state).toBe('running');
    await eventually(async () => (await server.command('GET', 'x')) === 'late');
  });

  it.each(['stop', 'kill'] as const)('can be ended by %s() while it is frozen', async (end) => {
    const server = await startOne();
    server.freeze();
    await server[end]();
    expect(server.state).toBe('stopped');
    await server.start();
    expect(await server.command('PING')).toBe('PONG');
  });

  it('notices when the process ends without being asked', async () => {
    const server = await startOne();
    process.kill(server.pid!, 'SIGKILL');
    await eventually(() => server.state === 'stopped');
  });

  it('starts once when start() is called twice at the same time', async () => {
    const server = await startOne();
    await server.stop();
    await Promise.all([server.start(), server.start()]);
    const { pid } = server;
    await server.start();
    expect(server.pid).toBe(pid);
  });

  it('gives replies of every kind', async () => {
    const server = await startOne();
    await server.command('RPUSH', 'list', 'ä', '', 'two\r\nlines');
    expect(await server.command('LRANGE', 'list', '0', '-1')).toEqual(['ä', '', 'two\r\nlines']);
    expect(await server.command('EVAL', 'return {1, {"a", false}}', '0')).toEqual([1, ['a', null]]);
    await expect(server.command('NOSUCH')).rejects.toThrow('ERR unknown command');
    const long = 'ü'.repeat(200_000);
    expect(await server.command('ECHO', long)).toBe(long);
  });
});

describe('findRedisServer', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  async function folderWith(...programs: string[]): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'programs-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    for (const program of programs) await writeFile(join(folder, program), '', { mode: 0o755 });
    return folder;
  }

  it('takes REDIS_SERVER before anything on PATH, as a path or a name', async () => {
    const folder = await folderWith('redis-server', 'my-redis');
    vi.stubEnv('PATH', folder);
    vi.stubEnv('REDIS_SERVER', join(folder, 'my-redis'));
    expect(await findRedisServer()).toBe(join(folder, 'my-redis'));
    vi.stubEnv('REDIS_SERVER', 'my-redis');
    expect(await findRedisServer()).toBe(join(folder, 'my-redis'));
  });

  it('finds redis-server, else valkey-server, on PATH', async () => {
    const [redis, valkey] = [await folderWith('redis-server'), await folderWith('valkey-server')];
    vi.stubEnv('REDIS_SERVER', '');
    vi.stubEnv('PATH', `${valkey}:${redis}`);
    expect(await findRedisServer()).toBe(join(redis, 'redis-server'));
    vi.stubEnv('PATH', valkey);
    expect(await findRedisServer()).toBe(join(valkey, 'valkey-server'));
  });

  it('lists the choices when there is none', async () => {
    vi.stubEnv('PATH', await folderWith());
    vi.stubEnv('REDIS_SERVER', '');
    await expect(findRedisServer()).rejects.toThrow(
      /No redis-server[^]*apt-get[^]*REDIS_SERVER[^]*docker[^]*REDIS_NODES/,
    );
    vi.stubEnv('REDIS_SERVER', '/no/such/program');
    await expect(findRedisServer()).rejects.toThrow('REDIS_SERVER is "/no/such/program", which is no program.');
  });
});
