import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectOn, type MajorityRedis } from '../../../lib/connect.js';
import type { Delivery } from '../../../lib/queue/queue.js';
import { systemClock } from '../../../lib/runtime/clock.js';
import { systemRandom } from '../../../lib/runtime/random.js';
import { eventually } from '../../support/eventually.js';
import { filesBelow } from '../../support/repository.js';
import { seededRandom, testSeed } from '../../support/seed.js';
import { RealRedis } from './support/real-redis.js';
import { TwinTransport } from './support/twin-transport.js';

const rounds = 120;
const together = 5;
let servers: RealRedis[];

beforeAll(async () => {
  servers = await Promise.all(Array.from({ length: 3 }, () => RealRedis.start()));
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
});

/** Calls all services in all ways, several at once. What fails, fails on both servers. */
async function carryOut(redis: MajorityRedis, draw: () => number): Promise<void> {
  const pick = <T>(...from: T[]): T => from[Math.floor(draw() * from.length)]!;
  const { locks, kv, queues } = redis;
  const key = pick('red', 'blue', 'größe');
  const settle = (delivery: Delivery): Promise<void> =>
    pick(
      () => delivery.ack(),
      () => delivery.ack(),
      () => delivery.nack({ delay: pick(0, 30) }),
      () => delivery.reject('no'),
      () => delivery.giveBack(),
    )();
  const calls = [
    async () => {
      const options = {
        mode: pick('exclusive' as const, 'shared' as const),
        ttl: pick(60, 500),
        waitFor: pick(0, 200),
      };
      const lock = await locks.acquire(pick<string | string[]>('red', 'blue', ['red', 'blue']), options);
      if (draw() < 0.3) await lock.extend();
      if (draw() < 0.9) await lock.release();
    },
    () => locks.inspect(key),
    () => kv.get(key),
    () => kv.set(key, pick<unknown>(1, 'ü', null, { a: [1] }), draw() < 0.3 ? { ttl: pick(20, 60_000) } : {}),
    () => kv.delete(key),
    () => kv.increment('count', pick(1, -2)),
    () => kv.compareAndSet(key, pick<unknown>(1, null), 'ü'),
    () =>
      queues.put(pick('mail', 'post'), pick<unknown>('a', { b: 'ö' }), {
        group: pick(undefined, undefined, 'g', 'größe'),
        priority: pick(0, 0, 3, -3),
        delay: pick(0, 0, 40),
        id: pick(undefined, undefined, undefined, 'one', 'two'),
        maxAttempts: pick(1, 3),
      }),
    async () => {
      const taken = await queues.get(pick('mail', 'post'), { count: pick(1, 4), waitFor: pick(0, 50) });
      await Promise.all(taken.map(settle));
    },
    () => queues.size('mail'),
    () => queues.deadLetters('mail'),
    () => queues.redrive('mail'),
    () => queues.purge('post'),
  ];
  await pick(...calls)();
}

describe('the scripts of this package on the simulated Redis beside a real one', () => {
  it('answer the same to the same calls, and leave the same keys', { timeout: 180_000 }, async () => {
    const draw = seededRandom(testSeed());
    const twins = servers.map(({ url }) => new TwinTransport(url));
    const transportTo = (_: string, node: unknown): TwinTransport => twins[Number(node)]!;
    const redis = await connectOn(
      { clock: systemClock, random: systemRandom, transportTo },
      {
        nodes: ['0', '1', '2'],
        maxOperationTime: 4000,
        requestTimeout: 2000,
        lock: { ttlMax: 1000 },
        kv: { sweepInterval: 300 },
        queue: { lease: 400, leaseMax: 1000, antiEntropyInterval: 300, backoff: { type: 'fixed', delay: 20 } },
      },
    );
    const watched = redis.kv.watch('red').subscribe();
    for (let round = 0; round < rounds; round++) {
      await Promise.allSettled(Array.from({ length: together }, () => carryOut(redis, draw)));
      if (twins.some(({ differences }) => differences.length > 0)) break;
    }
    twins[2]!.mayKeepPart = true;
    for (const [index, strike] of [flush, forgetWithOrphan, forgetWithOrphan].entries()) {
      await twins[index]!.strike(strike);
      await eventually(() => isWhole(redis), { within: 60_000 });
    }
    watched.unsubscribe();
    await redis.close();
    expect(twins.flatMap(({ differences }) => differences).slice(0, 3)).toEqual([]);
    for (const [index, twin] of twins.entries()) {
      expect(Object.keys(twin.simulated.keyspace.dump()).sort()).toEqual(await keysOf(servers[index]!));
      expect(valuesOf(twin.simulated.keyspace.dump())).toEqual(valuesOf(await servers[index]!.dump()));
    }
    const ran = new Set(twins.flatMap(({ runs }) => [...runs.keys()]));
    expect(scriptNames().filter((name) => !ran.has(name))).toEqual([]);
  });
});

const flush = "return redis.call('FLUSHALL')";
/** The marker goes, and there is a value that no other member has heard of. */
const forgetWithOrphan = `
  redis.call('DEL', 'majority:member')
  local zeros = string.rep('0', 16)
  return redis.call('SET', 'majority:kv:orphan', zeros .. '0000000000000001' .. string.rep('0', 13) .. 'S..|1')`;

async function isWhole(redis: MajorityRedis): Promise<boolean> {
  await redis.locks.inspect('probe');
  return redis.group.status().voting === 3;
}

async function keysOf(server: RealRedis): Promise<string[]> {
  return Object.keys(await server.dump())
    .filter((key) => !key.startsWith('twin:'))
    .sort();
}

function valuesOf(dump: Awaited<ReturnType<RealRedis['dump']>>): unknown {
  return Object.fromEntries(
    Object.entries(dump)
      .filter(([key]) => !key.startsWith('twin:'))
      .map(([key, { value }]) => [key, value]),
  );
}

/** All but the one for Cluster members. */
function scriptNames(): string[] {
  return filesBelow('lib')
    .filter((file) => /\/lua\/[a-z_]+\.lua$/.test(file))
    .map((file) => basename(file, '.lua'))
    .filter((name) => name !== 'scan');
}
