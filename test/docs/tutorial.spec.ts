import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../lib/testing/free-port.js';
import { eventually } from '../support/eventually.js';
import { root } from '../support/repository.js';
import { blockOf, blocksOf } from './support/blocks.js';

const page = 'docs/start.md';
const stopTimeout = 20_000;
/** ms in which a group whose majority forgot votes again, on a busy machine. */
const recoveredWithin = 25_000;

let url: string;
let shop: ChildProcess;
const run = promisify(execFile);
const done = new Set<string>();

/** What the lines of a block print, with those in the background, on the shop that was started by the first one. */
async function type(title: string): Promise<string> {
  done.add(title);
  const lines = blockOf(page, title).code.replaceAll('http://127.0.0.1:3000', url);
  const { stdout } = await run('bash', ['-c', lines]);
  return stdout;
}

async function read<T>(path: string): Promise<T> {
  return (await (await fetch(url + path)).json()) as T;
}

const votesAgain = () =>
  eventually(async () => (await read<{ voting: number }>('/members')).voting === 5, { within: recoveredWithin });

describe('the tutorial, line by line', () => {
  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    done.add('1. Start it');
    const command = blockOf(page, '1. Start it').code;
    // detached: npm and all that it starts are one process group, which can be interrupted as a terminal does it
    shop = spawn('bash', ['-c', command], { cwd: root, detached: true, env: { ...process.env, PORT: `${port}` } });
    const output: string[] = [];
    for (const stream of [shop.stdout!, shop.stderr!]) stream.on('data', (data) => output.push(String(data)));
    await eventually(() => output.join('').includes(`  ${url}\n`), { within: 55_000 });
  });
  afterAll(() => {
    if (shop.exitCode === null && shop.signalCode === null) process.kill(-shop.pid!, 'SIGKILL');
  });

  it('sells a seat once', async () => {
    const ticket = JSON.parse(await type('2. Sell a seat'));
    expect(ticket).toMatchObject({ seat: 'A1', buyer: 'Ada', token: expect.any(Number) });
    expect(JSON.parse(await type('2. Sell a seat'))).toMatchObject({ statusCode: 409 });
  });

  it('refuses a second buyer while the first one pays, and a seller that fell asleep', async () => {
    const [two, asleep] = await Promise.all([type('3. Two buyers at once'), type('4. A seller that falls asleep')]);
    expect(two).toMatch(/"holder.*HTTP\/1\.1 423 .*retry-after: \d.*"LOCK_UNAVAILABLE".*"buyer": "Slow"/is);
    expect(asleep).toMatch(/"buyer": "Awake".*"STALE_TOKEN"/s);
  });

  it('sells with two of five killed, and refuses with three', async () => {
    expect(await type('5. Kill two of five')).toMatch(/"seat": "A4".*"buyer": "Grace"/s);
    expect(await type('6. Kill the third')).toMatch(/HTTP\/1\.1 503 .*retry-after: \d.*"NO_QUORUM"/is);
  });

  it('votes again after all three were started, empty', async () => {
    await type('7. Bring them back');
    await votesAgain();
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const seats = await read<{ id: string }[]>('/seats');
    expect(seats.find(({ id }) => id === 'A4')).toMatchObject({ sale: { buyer: 'Grace' } });
  });

  it('ships all that was ordered, with two members killed meanwhile, and after a repair', async () => {
    expect(await type('8. Ship the tickets')).toMatch(/ticket for seat A1.*"orders"/s);
    expect(JSON.parse((await type('8. Ship the tickets (2)')).slice(0, -1).split('\n]')[0] + ']')).toHaveLength(40);
    const orders = async () => (await read<{ orders: Record<string, number> }>('/queues')).orders;
    await eventually(async () => ((o) => o['ready'] === 0 && o['leased'] === 0)(await orders()), { within: 20_000 });
    await votesAgain();
    expect(await type('8. Ship the tickets (3)')).toMatch(/"item": "mug".*"attempts": 3.*"reason"/s);
    await eventually(async () => (await read<{ item: string }[]>('/shipments')).some(({ item }) => item === 'mug'));
    expect(await orders()).toMatchObject({ dead: 0 });
  });

  it('ends in good order by Ctrl-C', async () => {
    const ended = once(shop, 'exit', { signal: AbortSignal.timeout(stopTimeout) });
    process.kill(-shop.pid!, 'SIGINT');
    await ended;
    await expect(fetch(url)).rejects.toThrow();
  });

  it('was typed to its end', () => {
    expect([...done].toSorted()).toEqual(
      blocksOf(page)
        .map(({ title }) => title)
        .toSorted(),
    );
  });
});
