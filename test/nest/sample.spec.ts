import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { connectMajorityRedis } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupOptions, readSampleConfig } from '../../sample/src/sample-config.js';
import { eventually } from '../support/eventually.js';
import { customersOf, openShop } from './support/shop.js';

/** ms in which a sale without a quorum must be refused. */
const refusedWithin = 3_000;
/** ms in which a group whose majority forgot votes again: the maximal lease and what a rejoin takes. */
const recoveredWithin = groupOptions.lock.ttlMax + 10_000;

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(['log', 'warn', 'error', 'fatal']));

describe('the ticket shop', () => {
  it('sells a seat and stores the fencing token with the sale', async () => {
    await using shop = await openShop();
    const { status, body } = await shop.sell('A1', 'Ada');
    expect(status).toBe(201);
    expect(body).toMatchObject({ seat: 'A1', buyer: 'Ada', token: expect.any(Number) });
    expect(Object.keys(body.votes!)).toEqual(['redis-1', 'redis-2', 'redis-3', 'redis-4', 'redis-5']);
    expect(Object.values(body.votes!).filter((said) => said === 'held').length).toBeGreaterThanOrEqual(3);
    expect(await shop.seat('A1')).toMatchObject({ sale: { buyer: 'Ada', token: body.token } });
  });

  it('does not sell a seat twice', async () => {
    await using shop = await openShop();
    await shop.sell('A1', 'Ada');
    const second = await shop.sell('A1', 'Alan');
    expect(second).toMatchObject({ status: 409, body: { message: expect.stringContaining('sold to Ada') } });
    expect(await shop.seat('A1')).toMatchObject({ sale: { buyer: 'Ada' } });
  });

  it('sells one seat to one of twenty buyers that come at once', async () => {
    await using shop = await openShop();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => shop.sell('A1', `buyer ${index}`)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status !== 201 && status !== 409 && status !== 423)).toEqual([]);
  });

  it('counts every seat once when all are sold at the same time', async () => {
    await using shop = await openShop();
    const seats = ['A', 'B', 'C', 'D'].flatMap((row) => [1, 2, 3, 4, 5].map((number) => `${row}${number}`));
    const answers = await Promise.all(seats.map((seat) => shop.sell(seat, 'Ada')));
    expect(answers.map(({ status }) => status)).toEqual(seats.map(() => 201));
    expect(await shop.sales()).toEqual({ total: 20, rows: { A: 5, B: 5, C: 5, D: 5 } });
  });

  it('sells a seat again that was given back, and counts it as one', async () => {
    await using shop = await openShop();
    const first = await shop.sell('B2', 'Ada');
    expect(await shop.giveBack('B2')).toMatchObject({ status: 204 });
    expect(await shop.seat('B2')).toMatchObject({ sale: null });
    expect(await shop.sales()).toMatchObject({ total: 0, rows: { B: 0 } });
    const second = await shop.sell('B2', 'Alan');
    expect(second.status).toBe(201);
    expect(second.body.token).toBeGreaterThan(first.body.token!);
    expect(await shop.sales()).toMatchObject({ total: 1, rows: { A: 0, B: 1 } });
  });

  it('refuses a second buyer with 423 and Retry-After while the first one pays, past the first lease', async () => {
    await using shop = await openShop();
    const slow = shop.sell('A1', 'Slow', `?pause=${groupOptions.lock.ttl + 1_500}`);
    const state = await eventually(async () => {
      const { body } = await shop.get('/locks/seat:A1');
      return body.mode === 'exclusive' && body;
    });
    expect(state.votes).toHaveLength(5);
    const fast = await shop.sell('A1', 'Fast');
    expect(fast).toMatchObject({ status: 423, body: { error: 'LOCK_UNAVAILABLE' } });
    expect(Number(fast.retryAfter)).toBeGreaterThanOrEqual(1);
    expect(await slow).toMatchObject({ status: 201, body: { buyer: 'Slow' } });
    const { body } = await shop.get('/locks/seat:A1');
    expect(body.mode).toBe('free');
    // a vote that was given in vain leaves its token
    expect(body.token).toBeGreaterThanOrEqual((await slow).body.token!);
  });

  it('refuses the late write of a seller that slept past its lease while another sold the seat', async () => {
    await using shop = await openShop();
    const sleepy = shop.sell('A1', 'Sleepy', `?asleep=${groupOptions.lock.ttl * 2}`);
    await eventually(async () => (await shop.get('/locks/seat:A1')).body.mode === 'exclusive');
    const awake = await eventually(async () => {
      const answer = await shop.sell('A1', 'Awake');
      return answer.status === 201 && answer;
    });
    expect(await sleepy).toMatchObject({ status: 409, body: { error: 'STALE_TOKEN' } });
    expect(await shop.seat('A1')).toMatchObject({ sale: { buyer: 'Awake', token: awake.body.token } });
  });

  it('sells on with two of five members killed', async () => {
    await using shop = await openShop();
    await shop.members('kill', 1, 4);
    const { status, body } = await shop.sell('A1', 'Ada');
    expect(status).toBe(201);
    expect(body.votes).toMatchObject({ 'redis-2': 'held', 'redis-3': 'held', 'redis-5': 'held' });
    expect(await shop.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'degraded' } });
  });

  it.each([
    ['kill', 'start'],
    ['freeze', 'thaw'],
  ])('refuses fast with 503 after three members: %s, and sells again after: %s', async (harm, repair) => {
    await using shop = await openShop();
    await shop.members(harm, 1, 2, 3);
    const began = performance.now();
    const refused = await shop.sell('A1', 'Ada');
    expect(performance.now() - began).toBeLessThan(refusedWithin);
    expect(refused).toMatchObject({ status: 503, body: { error: 'NO_QUORUM' } });
    expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(1);
    await eventually(async () => (await shop.get('/health/ready')).status === 503);
    expect(await shop.get('/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });

    await shop.members(repair, 1, 2, 3);
    await eventually(async () => (await shop.get('/health/ready')).status === 200, { within: recoveredWithin });
    // what the frozen ones execute late of the refused sale ends with its lease
    await eventually(async () => (await shop.sell('A1', 'Ada')).status === 201, { within: recoveredWithin });
  });

  it('lets a member that came back empty vote again, with the locks it had forgotten', async () => {
    await using shop = await openShop();
    const slow = shop.sell('A1', 'Slow', '?pause=6000');
    await eventually(async () => (await shop.get('/locks/seat:A1')).body.mode === 'exclusive');
    await shop.members('restart', 1, 2);
    await eventually(async () => (await shop.get('/members')).body.voting === 5, { within: recoveredWithin });
    expect(await shop.sell('A1', 'Fast')).toMatchObject({ status: 423 });
    expect(await slow).toMatchObject({ status: 201 });
  });
});

describe('the ticket shop, asked strangely', () => {
  let url: string;
  let close: () => PromiseLike<void>;
  beforeAll(async () => {
    const shop = await openShop();
    url = shop.url;
    close = () => shop[Symbol.asyncDispose]();
  });
  afterAll(() => close());

  it.each([
    ['no body', '/seats/A1/sell', undefined, 400, 'buyer must be'],
    ['no buyer', '/seats/A1/sell', {}, 400, 'buyer must be'],
    ['an empty buyer', '/seats/A1/sell', { buyer: '  ' }, 400, 'buyer must be'],
    ['a number as buyer', '/seats/A1/sell', { buyer: 7 }, 400, 'buyer must be'],
    ['a buyer without end', '/seats/A1/sell', { buyer: 'x'.repeat(81) }, 400, 'buyer must be'],
    ['a seat that every object has', '/seats/constructor/sell', { buyer: 'Ada' }, 404, 'A1 to D5'],
    ['an unknown seat', '/seats/Z9/sell', { buyer: 'Ada' }, 404, 'A1 to D5'],
    ['a negative pause', '/seats/A1/sell?pause=-1', { buyer: 'Ada' }, 400, 'pause must be'],
    ['a pause without end', '/seats/A1/sell?pause=15001', { buyer: 'Ada' }, 400, 'pause must be'],
    ['two pauses', '/seats/A1/sell?pause=1&pause=2', { buyer: 'Ada' }, 400, 'pause must be'],
    ['a sleep in words', '/seats/A1/sell?asleep=long', { buyer: 'Ada' }, 400, 'asleep must be'],
    ['pause and asleep', '/seats/A1/sell?asleep=1&pause=1', { buyer: 'Ada' }, 400, 'not both'],
    ['an unknown member', '/members/redis-9/kill', undefined, 404, 'redis-1, redis-2'],
    ['an unknown action', '/members/redis-1/explode', undefined, 404, 'kill, freeze'],
    ['a member that runs already', '/members/redis-1/start', undefined, 409, 'redis-1 is running'],
    ['a member that is not frozen', '/members/redis-1/thaw', undefined, 409, 'redis-1 is running'],
  ])('answers clearly to %s', async (_, path, body, status, message) => {
    const { post } = customersOf(url);
    expect(await post(path, body)).toMatchObject({ status, body: { message: expect.stringContaining(message) } });
  });

  it('answers clearly to a body that is no JSON', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/seats/A1/sell`, { method: 'POST', headers, body: '{"buyer":' });
    expect(response.status).toBe(400);
  });

  it('answers clearly to a key that no lock can have', async () => {
    const answer = await customersOf(url).get(`/locks/${'x'.repeat(513)}`);
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('key must be') } });
  });

  it('sells nothing for bad input', async () => {
    const { seat, sales } = customersOf(url);
    expect(await seat('A1')).toMatchObject({ sale: null });
    expect(await sales()).toMatchObject({ total: 0 });
  });

  it('takes no seat back that is not sold, or that there is not', async () => {
    const { giveBack } = customersOf(url);
    expect(await giveBack('A2')).toMatchObject({ status: 409, body: { message: 'Seat A2 is not sold' } });
    expect(await giveBack('Z9')).toMatchObject({ status: 404 });
  });

  it('tells at its front door what to try, with the address that was used', async () => {
    const { body } = await customersOf(url).get('/');
    expect(body.text).toContain(`curl -X POST ${url}/seats/A1/sell`);
  });
});

describe('the ticket shop on servers of its owner', () => {
  it('sells, but does not kill them', async () => {
    await using group = await startLocalGroup({ size: 3 });
    await using shop = await openShop(group.urls);
    expect(await shop.sell('A1', 'Ada')).toMatchObject({ status: 201 });
    const refused = await shop.post('/members/redis-1/kill');
    expect(refused).toMatchObject({ status: 409, body: { message: expect.stringContaining('REDIS_NODES') } });
    expect(group.members.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
  });

  it('knows its sales after a restart, also when two of five members are lost with it', async () => {
    await using group = await startLocalGroup({ size: 5 });
    let token: number | undefined;
    {
      await using shop = await openShop(group.urls);
      token = (await shop.sell('A1', 'Ada')).body.token;
      await shop.sell('C3', 'Alan');
    }
    await Promise.all(group.members.slice(0, 2).map((member) => member.kill()));
    await using shop = await openShop(group.urls);
    expect(await shop.seat('A1')).toMatchObject({ sale: { buyer: 'Ada', token } });
    expect(await shop.sales()).toEqual({ total: 2, rows: { A: 1, B: 0, C: 1, D: 0 } });
    expect(await shop.sell('A1', 'Grace')).toMatchObject({ status: 409 });
    expect(await shop.sell('A2', 'Grace')).toMatchObject({ status: 201 });
    expect(await shop.sales()).toMatchObject({ total: 3 });
  });

  it('leaves no lock behind when it closes', async () => {
    await using group = await startLocalGroup({ size: 3 });
    {
      await using shop = await openShop(group.urls);
      expect(await shop.sell('A1', 'Ada')).toMatchObject({ status: 201 });
    }
    await using other = await connectMajorityRedis({ ...groupOptions, nodes: group.urls });
    expect(await other.locks.inspect('seat:A1')).toMatchObject({ mode: 'free' });
  });
});

describe('the configuration of the sample', () => {
  it('has defaults', () => {
    expect(readSampleConfig({})).toEqual({ host: '127.0.0.1', port: 3000, nodes: undefined });
  });

  it('reads HOST, PORT and REDIS_NODES', () => {
    const env = { HOST: '0.0.0.0', PORT: '8080', REDIS_NODES: 'redis://a, rediss://b:1' };
    expect(readSampleConfig(env)).toEqual({ host: '0.0.0.0', port: 8080, nodes: ['redis://a', 'rediss://b:1'] });
  });

  it.each([
    [{ PORT: 'http' }, 'PORT must be a whole number from 0 to 65535, got "http"'],
    [{ PORT: '65536' }, 'PORT must be'],
    [
      { REDIS_NODES: 'redis://a,b:6379' },
      'REDIS_NODES must be redis:// or rediss:// URLs separated by commas; entry 2',
    ],
    [{ REDIS_NODES: 'redis://a,' }, 'entry 2'],
  ])('refuses %j', (env, message) => {
    expect(() => readSampleConfig(env)).toThrow(message);
  });
});

/** One entry of the built sample as a process of its own, as `npm start` and `npm run shell` run it. */
async function runEntry(entry: string, env: NodeJS.ProcessEnv = {}) {
  const path = fileURLToPath(new URL(`../../.build/sample/${entry}.js`, import.meta.url));
  if (!existsSync(path)) throw new Error(`${path} is missing: npm run build`);
  const folder = await mkdtemp(join(tmpdir(), 'sample-spec-'));
  // A process group of its own: a signal to the group is what Ctrl-C in a terminal is.
  const child = spawn(process.execPath, [path], {
    detached: true,
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', TMPDIR: folder, NO_COLOR: '1', ...env },
  });
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    input: child.stdin,
    output: () => output,
    /** Resolves with the address when the shop listens. */
    url: () => eventually(() => /^ {2}(http:\S+)\n/m.exec(output)?.[1], { within: 20_000 }),
    interrupt: () => process.kill(-child.pid!, 'SIGINT'),
    /** Stops the process where it stands. */
    pause: () => child.kill('SIGSTOP'),
    goOn: () => child.kill('SIGCONT'),
    exitCode: async () => (await exit)[0],
    /** Names of what is left in its folder for temporary files. */
    leftovers: () => readdir(folder),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('two shops over the same members', () => {
  it('refuses the write of a seller whose process was paused while another sold the seat', async () => {
    await using group = await startLocalGroup({ size: 5 });
    const env = { REDIS_NODES: group.urls.join(',') };
    await using pausedEntry = await runEntry('main', env);
    await using otherEntry = await runEntry('main', env);
    const paused = customersOf(await pausedEntry.url());
    const other = customersOf(await otherEntry.url());

    const late = paused.sell('A1', 'Paused', '?asleep=500');
    // Not before: a seller that has yet to look whether the seat is sold would find the other's sale.
    await eventually(() => pausedEntry.output().includes('seat A1: its seller falls asleep'));
    pausedEntry.pause();
    const sold = await eventually(async () => {
      const answer = await other.sell('A1', 'Awake');
      return answer.status === 201 && answer;
    });
    pausedEntry.goOn();

    expect(await late).toMatchObject({ status: 409, body: { error: 'STALE_TOKEN' } });
    expect(await paused.seat('A1')).toMatchObject({ sale: { buyer: 'Awake', token: sold.body.token } });
    expect(await other.sales()).toEqual({ total: 1, rows: { A: 1, B: 0, C: 0, D: 0 } });
  });
});

describe('npm start', () => {
  it('says little before the link, which comes last, and goes on to say what happens to the group', async () => {
    await using entry = await runEntry('main');
    const url = await entry.url();
    const lines = entry.output().trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(25);
    expect(lines.at(-1)).toBe(`  ${url}`);
    expect(entry.output()).toMatch(/\[MajorityRedis\] group ready: \d of 5 members vote, quorum is 3/);
    expect(entry.output()).not.toMatch(/DEBUG|WARN|ERROR|Mapped|dependencies initialized/);

    await customersOf(url).members('kill', 4);
    await eventually(() => /WARN \[MajorityRedis\] member down: redis-4/.test(entry.output()));
  });

  it('shows the link also while a member is missing', async () => {
    await using group = await startLocalGroup({ size: 3 });
    await group.members[1]!.kill();
    await using entry = await runEntry('main', { REDIS_NODES: group.urls.join(',') });
    await entry.url();
    expect(entry.output()).toMatch(/WARN \[MajorityRedis\] member down: redis-2/);
  });

  it('finishes a sale in progress on Ctrl-C, and leaves no server and no folder behind', async () => {
    await using entry = await runEntry('main');
    const shop = customersOf(await entry.url());
    const pids = await shop.pids();
    expect(pids.filter(isAlive)).toHaveLength(5);
    const sale = shop.sell('A1', 'Ada', '?pause=1000');
    await eventually(async () => (await shop.get('/locks/seat:A1')).body.mode === 'exclusive');
    entry.interrupt();
    expect(await sale).toMatchObject({ status: 201 });
    expect(await entry.exitCode()).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    await eventually(async () => (await entry.leftovers()).length === 0);
    expect(entry.output()).not.toMatch(/error|unhandled/i);
  });

  it('leaves nothing behind when members are dead and frozen', async () => {
    await using entry = await runEntry('main');
    const shop = customersOf(await entry.url());
    const pids = await shop.pids();
    await shop.members('kill', 1);
    await shop.members('freeze', 2, 3);
    entry.interrupt();
    expect(await entry.exitCode()).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    await eventually(async () => (await entry.leftovers()).length === 0);
  });

  it('says what to do when the port is taken, and leaves nothing behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await using entry = await runEntry('main', { PORT: String(port) });
    expect(await entry.exitCode()).toBe(1);
    expect(entry.output()).toContain(`Port ${port} on 127.0.0.1 is taken. Choose another one: PORT=`);
    await eventually(async () => (await entry.leftovers()).length === 0);
    other.close();
  });

  it('says what each member said when no quorum answers', async () => {
    await using group = await startLocalGroup({ size: 3 });
    await group.members[0]!.kill();
    await group.members[1]!.kill();
    await using entry = await runEntry('main', { REDIS_NODES: group.urls.join(',') });
    expect(await entry.exitCode()).toBe(1);
    expect(entry.output()).toMatch(/could not start\. No quorum .*redis-1 .*redis-2 /);
  });
});

describe('npm run shell', () => {
  it('has the group, its locks, queues and values ready, and leaves nothing behind', async () => {
    await using entry = await runEntry('shell');
    await eventually(() => entry.output().includes('Lines to try'), { within: 20_000 });
    entry.input.write('mr.status().voting * 1000\n');
    await eventually(() => entry.output().includes('5000'));
    entry.input.write("await locks.using('seat:A1', (lock) => `token ${lock.token}`)\n");
    await eventually(() => /'token \d{16}'/.test(entry.output()));
    entry.input.write("await queues.put('letters', 1); `ready: ${(await queues.size('letters')).ready}`\n");
    await eventually(() => entry.output().includes("'ready: 1'"));
    entry.input.write("`visits: ${await kv.increment('visits', 7)}`\n");
    await eventually(() => entry.output().includes("'visits: 7'"));
    entry.input.write('.exit\n');
    expect(await entry.exitCode()).toBe(0);
    // the app ends before its servers do
    expect(entry.output()).not.toMatch(/WARN|ERROR/);
    await eventually(async () => (await entry.leftovers()).length === 0);
  });
});
