import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { seededRandom, testSeed } from '../support/seed.js';
import { brisk, type SiteClient } from './site/site-client.js';
import { Site } from './site/site.js';

const named = new Set(['NO_QUORUM', 'LOCK_UNAVAILABLE', 'LOCK_LOST']);
/** ms between a failed attempt and the next. */
const retryPause = 5;

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

/** One lock's life from every call, until over; what each call ended with and its longest time in ms. */
async function work(client: SiteClient, key: string, isOver: () => boolean, outcomes: Set<string>): Promise<number> {
  let longest = 0;
  const call = async <T>(name: string, promise: Promise<T>): Promise<T | undefined> => {
    const startedAt = performance.now();
    try {
      return await promise;
    } catch (error) {
      outcomes.add((error as { code?: string }).code ?? `${name}: ${String(error)}`);
      return undefined;
    } finally {
      longest = Math.max(longest, performance.now() - startedAt);
    }
  };
  while (!isOver()) {
    const lock = await call('acquire', client.locks.acquire(key, { waitFor: 300 }));
    await call('inspect', client.locks.inspect(key));
    if (!lock) await pause(retryPause);
    if (lock) await call('extend', lock.extend());
    if (lock) outcomes.add(String(await call('release', lock.release())));
  }
  return longest;
}

describe('a connection that is cut in the middle of a request', () => {
  it('ends the request as no quorum at once, and the member votes again when the connection does', async () => {
    await using site = await Site.start();
    const client = await site.connect('client', { requestTimeout: 2000, maxOperationTime: 4000 });
    const rival = await site.connect('rival', { requestTimeout: 2000, maxOperationTime: 4000 });
    await site.warmUp(client);
    for (const member of [1, 2, 3]) client.link(member).silence('replies');
    const asked = client.locks.acquire('seat', { ttl: 500 }).catch((error: unknown) => error);
    await eventually(async () => !(await site.holdersOf('seat')).includes(undefined));
    const cutAt = performance.now();
    await client.cutFrom(1, 2, 3);
    expect(await asked).toMatchObject({ code: 'NO_QUORUM' });
    expect(performance.now() - cutAt).toBeLessThan(1000);
    client.restore(1, 2, 3);
    await client.seesAllVoting();
    // what the members granted and nobody heard of is released, or ends with its lease
    const lock = await rival.locks.acquire('seat', { waitFor: 3000 });
    expect(lock.isHeld).toBe(true);
  });

  it('does not stop the rest of the process when a caller tries again at once, for ever', async () => {
    await using site = await Site.start({ size: 3 });
    const client = await site.connect('client');
    await client.cutFrom(1, 2, 3);
    let hadItsTurn = false;
    setImmediate(() => (hadItsTurn = true));
    let tries = 0;
    while (!hadItsTurn && tries < 1000) {
      tries += 1;
      await expect(client.locks.acquire('seat')).rejects.toMatchObject({ code: 'NO_QUORUM' });
    }
    expect(hadItsTurn).toBe(true);
  });

  it('ends every call with a named outcome in bounded time, whichever links are cut and when', async () => {
    const random = seededRandom(testSeed());
    await using site = await Site.start();
    const clients = await Promise.all(['ada', 'bob'].map((name) => site.connect(name)));
    const outcomes = new Set<string>();
    let isOver = false;
    const works = clients.flatMap((client) =>
      ['a', 'b', 'c', 'd'].map((key) => work(client, key, () => isOver, outcomes)),
    );
    for (let cuts = 0; cuts < 60; cuts++) {
      const client = clients[Math.floor(random() * clients.length)]!;
      const member = 1 + Math.floor(random() * 5);
      const link = client.link(member);
      const fault = random();
      site.log.add(
        fault < 0.5 ? 'reset' : fault < 0.8 ? 'cut' : 'silence replies',
        `redis-${member}`,
        `from ${client.name}`,
      );
      if (fault < 0.5) link.resetAll();
      else if (fault < 0.8) link.cut();
      else link.silence('replies');
      await pause(random() * 60);
      if (random() < 0.7) link.restore();
    }
    for (const client of clients) client.restore(...site.memberNumbers);
    isOver = true;
    const longest = Math.max(...(await Promise.all(works)));
    expect([...outcomes].filter((outcome) => !named.has(outcome)).sort()).toEqual(
      [...outcomes].filter((outcome) => ['expired', 'released', 'unconfirmed'].includes(outcome)).sort(),
    );
    expect(longest).toBeLessThan(300 + 5 * brisk.requestTimeout);
    await Promise.all(clients.map((client) => client.seesAllVoting()));
    const lock = await clients[0]!.locks.acquire('a', { waitFor: 3000 });
    expect(lock.isHeld).toBe(true);
  });
});
