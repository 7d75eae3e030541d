import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesBelow, read } from '../../support/repository.js';
import { seededRandom, testSeed } from '../../support/seed.js';
import type { Bytes } from './bytes.js';
import { commandNames } from './commands/run-command.js';
import { isError, isStatus, type Reply } from './reply.js';
import { SimulatedRedis } from './simulated-redis.js';
import { RealRedis } from './support/real-redis.js';

/** A command as a script calls it, with what a script gets. */
const asScript =
  'local answer = redis.pcall(unpack(ARGV)) if type(answer) == "number" then return {"number", string.format("%.17g", answer)} end return answer';
const keys = ['a', 'b', 'c', 'd'];
const members = ['x', 'y', 'z', '', 'longer one', 'é\0\xff', '10', '9'];
const numbers = ['0', '1', '-1', '2', '5', '1732345678901234', '-3'];
const scores = [...numbers, '0001732345678901', '1.5', 'inf', 'nan?'];
const bounds = ['-inf', '+inf', '0', '(0', '2', '(2', '1732345678901234', '(1732345678901234', 'x'];
const lexBounds = ['-', '+', '[x', '(x', '[', '(longer one', 'x'];

let real: RealRedis;

beforeAll(async () => {
  real = await RealRedis.start();
});

afterAll(async () => {
  await real[Symbol.asyncDispose]();
});

function drawCommand(draw: () => number): Bytes[] {
  const pick = (from: readonly Bytes[]): Bytes => from[Math.floor(draw() * from.length)]!;
  const some = (from: readonly Bytes[], max: number): Bytes[] =>
    Array.from({ length: 1 + Math.floor(draw() * max) }, () => pick(from));
  const maybe = (...words: Bytes[]): Bytes[] => (draw() < 0.4 ? words : []);
  const [key, member] = [pick(keys), pick(members)];
  const name = pick(
    commandNames.filter((one) => !['TIME', 'INFO', 'PUBLISH', 'PUBSUB', 'SCAN', 'FLUSHALL'].includes(one)),
  );
  switch (name) {
    case 'DEL':
    case 'MGET':
    case 'EXISTS':
      return [name, ...some(keys, 2)];
    case 'PEXPIRE':
      return [name, key, pick(['100000', '500000', '-5', 'x'])];
    case 'SET':
      return [name, key, member, ...maybe('NX'), ...maybe('PX', pick(['100000', '0', 'x']))];
    case 'GETRANGE':
      return [name, key, pick(numbers), pick(numbers)];
    case 'SETRANGE':
      return [name, key, pick(['0', '1', '7', '-1']), member];
    case 'HMGET':
    case 'HDEL':
    case 'ZMSCORE':
    case 'ZREM':
    case 'SADD':
      return [name, key, ...some(members, 3)];
    case 'HSET':
      return [name, key, ...some(members, 2).flatMap((field) => [field, pick([...members, ...numbers])])];
    case 'HSETNX':
      return [name, key, member, pick(numbers)];
    case 'HINCRBY':
      return [name, key, member, pick(['1', '-2', '1000', 'x', '1.5'])];
    case 'HGET':
    case 'HEXISTS':
    case 'ZSCORE':
      return [name, key, member];
    case 'HSCAN':
      return [name, key, '0', ...maybe('COUNT', '3'), ...maybe('MATCH', pick(['*', 'l*', '?', 'x']))];
    case 'ZADD':
      return [name, key, ...maybe('NX'), ...some(members, 2).flatMap((one) => [pick(scores), one])];
    case 'ZCOUNT':
    case 'ZREMRANGEBYSCORE':
      return [name, key, pick(bounds), pick(bounds)];
    case 'ZRANGEBYSCORE':
      return [
        name,
        key,
        pick(bounds),
        pick(bounds),
        ...maybe('WITHSCORES'),
        ...maybe('LIMIT', pick(['0', '1']), pick(numbers)),
      ];
    case 'ZRANGEBYLEX':
      return [name, key, pick(lexBounds), pick(lexBounds), ...maybe('LIMIT', '0', pick(numbers))];
    case 'ZRANGE':
    case 'ZREVRANGE':
      return [name, key, pick(numbers), pick(numbers), ...maybe('WITHSCORES')];
    case 'ZREMRANGEBYRANK':
      return [name, key, pick(numbers), pick(numbers)];
    case 'ZPOPMIN':
      return [name, key, ...maybe(pick(['0', '1', '3', '-1']))];
    default:
      return [name, key];
  }
}

/** Sets and hashes have no order; times differ by what lies between the two calls; of an error its code tells enough. */
function comparable(reply: Reply, name: Bytes): unknown {
  if (typeof reply === 'object' && reply !== null && !Array.isArray(reply)) {
    if (isError(reply)) return `error ${reply.err.split(' ')[0]}`;
    return isStatus(reply) ? reply.ok : reply;
  }
  if (name === 'PTTL' && Array.isArray(reply)) return Math.round(Number(reply[1]) / 20_000);
  if (name === 'SMEMBERS' && Array.isArray(reply)) return [...(reply as Bytes[])].sort();
  if (name === 'HSCAN' && Array.isArray(reply)) {
    const list = reply[1] as Bytes[];
    return [reply[0], list.flatMap((item, index) => (index % 2 === 0 ? [`${item}=${list[index + 1]}`] : [])).sort()];
  }
  return reply;
}

function rounded(dump: Awaited<ReturnType<RealRedis['dump']>>): unknown {
  return Object.entries(dump).map(([key, { value, ttl }]) => [key, value, Math.round(ttl / 20_000)]);
}

describe('the simulated Redis beside a real one', () => {
  it(
    'gives scripts the same answers to random commands, and ends with the same keys',
    { timeout: 120_000 },
    async () => {
      const draw = seededRandom(testSeed());
      for (let round = 0; round < 12; round++) {
        const simulated = new SimulatedRedis('simulated', {
          nowUs: () => Date.now() * 1000,
          publish: () => 0,
          subscribers: () => 0,
        });
        await real.execute(['FLUSHALL']);
        for (let step = 0; step < 250; step++) {
          const command = drawCommand(draw);
          const words = ['EVAL', asScript, '0', ...command];
          const [theirs, ours] = [await real.execute(words), simulated.execute(words)];
          const shown = comparable(ours, command[0]!);
          expect([command, shown]).toEqual([command, comparable(theirs, command[0]!)]);
        }
        expect(rounded(simulated.keyspace.dump())).toEqual(rounded(await real.dump()));
      }
    },
  );

  it('knows all commands that the scripts of this package call', () => {
    const scripts = filesBelow('lib').filter((file) => file.endsWith('.lua'));
    const called = scripts.flatMap((file) => [...read(file).matchAll(/call\('([A-Z]+)'/g)].map(([, name]) => name!));
    expect(called.length).toBeGreaterThan(100);
    expect([...new Set(called)].filter((name) => !commandNames.includes(name))).toEqual([]);
  });

  it('walks a hash of any size to its end, and what is there all the time comes', () => {
    const redis = new SimulatedRedis('simulated', { nowUs: () => 0, publish: () => 0, subscribers: () => 0 });
    for (let index = 0; index < 500; index++) redis.execute(['HSET', 'h', `field ${index}`, 'v']);
    const seen = new Set<string>();
    let cursor = '0';
    do {
      const [next, page] = redis.execute(['HSCAN', 'h', cursor, 'COUNT', '7']) as [string, string[]];
      page.forEach((item, index) => index % 2 === 0 && seen.add(item));
      redis.execute(['HDEL', 'h', page[0]!]);
      cursor = next;
    } while (cursor !== '0');
    expect(seen.size).toBe(500);
  });

  it('answers scripts as Lua 5.1 in Redis does', async () => {
    const scripts = [
      'return 3.99',
      'return -3.99',
      'return {1, 2, nil, 4}',
      'return {1, false, true, "x", {2.5, {"deep"}}}',
      'return true',
      'return false',
      'return nil',
      'return {ok = "FINE"}',
      'return {err = "CODE text"}',
      'return tostring(1) .. "," .. tostring(4 / 2) .. "," .. 1732345678901234',
      'return string.format("%.0f", 1732345678901234)',
      'return {unpack({1, 2, 3})}',
      'return redis.call("SET", "n", 1732345678901234) and redis.call("GET", "n")',
      'return redis.call("SET", "n", 0.1) and redis.call("GET", "n")',
      'return redis.call("SET", "n", 1e20) and redis.call("GET", "n")',
      'return redis.call("SET", "n", -1e-7) and redis.call("GET", "n")',
      'return type(redis.call("GET", "absent"))',
      'return redis.call("HGET", "n", "f")',
      'return redis.pcall("HGET", "n", "f").err',
      'return pcall(redis.call, "HGET", "n", "f") and 1 or 2',
      'local fine, failure = pcall(redis.call, "HGET", "n", "f") return type(failure) == "table" and failure.err',
      'return redis.call("NOSUCHCOMMAND")',
      'return redis.call("GET")',
      'return redis.call("GET", {})',
      'error("plain")',
      'local fine, failure = pcall(error, "plain") return failure',
      'some_global = 1',
      'return some_global',
      'return table.unpack',
      'return string.match("run_id:abc42", "run_id:(%w+)")',
      'return #ARGV .. ARGV[1]',
      'return {string.match("ab 12", "^(%a+) ()")}',
      'return 1 ..',
    ];
    const simulated = new SimulatedRedis('simulated', { nowUs: () => 0, publish: () => 0, subscribers: () => 0 });
    await real.execute(['FLUSHALL']);
    for (const script of scripts) {
      const words = ['EVAL', script, '0', 'argument'];
      expect([script, comparable(simulated.execute(words), '')]).toEqual([
        script,
        comparable(await real.execute(words), ''),
      ]);
    }
  });
});
