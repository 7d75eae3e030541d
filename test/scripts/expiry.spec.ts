import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadVotingScript } from '../../lib/quorum/scripts.js';
import { admitScript, preflightScript, ticketScript } from '../../lib/quorum/scripts.js';
import {
  acquire,
  acquireShared,
  ask,
  extend,
  extendShared,
  inspect,
  leave,
  LockMember,
  release,
  releaseAll,
  type LockRequestText,
} from '../support/lock-member.js';
import { seededRandom, testSeed } from '../support/seed.js';

const restoreScript = loadVotingScript(new URL('../../lib/lock/lua/restore.lua', import.meta.url));
const channel = 't:inbox:live';

let member: LockMember;
beforeAll(async () => {
  member = await LockMember.start();
  await member.inbox(channel);
});
afterAll(() => member[Symbol.asyncDispose]());

/** Keys that would stay for ever. */
async function immortalKeys(): Promise<string[]> {
  const keys = await member.redis.keys('*');
  const lefts = await Promise.all(keys.map((key) => member.redis.pttl(key)));
  return keys.filter((_, index) => lefts[index] === -1);
}

describe('every key that the scripts write', () => {
  it('expires by itself after any sequence of requests; only the marker stays', { timeout: 60_000 }, async () => {
    const random = seededRandom(testSeed());
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
    const holders = ['h1', 'h2', 'h3', 'h4'];
    const keysOf = (): string[] => pick([['a'], ['b'], ['c'], ['a', 'b'], ['a', 'b', 'c']]);
    const lease = (): number => pick([1, 2, 5, 20, 1000]);
    const line = (): number | 'turn' => pick([0, 1, 3000, 'turn' as const]);
    const inbox = (): string => pick(['-', channel, 't:inbox:dead']);
    const mode = (): 'exclusive' | 'shared' => pick(['exclusive', 'shared'] as const);
    const anyRequest = (): LockRequestText => {
      const [keys, holder, token] = [keysOf(), pick(holders), pick([member.token(), member.token() - 1000, 5])];
      return pick<() => LockRequestText>([
        () => acquire(keys, holder, token, lease(), line()),
        () => acquireShared(keys, holder, token, lease(), line()),
        () => extend(keys, holder, token, lease()),
        () => extendShared(keys, holder, token, lease()),
        () => release(keys, holder, pick([0, 1, 50])),
        () => releaseAll(keys, holder, pick([0, 1, 50])),
        () => ask(keys[0]!, holder, mode(), inbox(), pick([1, 500])),
        () => leave(keys[0]!, holder, mode(), inbox()),
        () => inspect(keys[0]!),
      ])();
    };
    const restoreAny = async (): Promise<void> => {
      const { marker, ticket } = member.groupKeys;
      const [name] = keysOf() as [string];
      await member.redis.del(marker);
      await member.run(ticketScript, [marker, ticket], [member.runId, 'c', 1000, 'take']);
      const readers = pick([[], ['r1', lease()], ['r1', lease(), 'r2', lease()]]);
      const report = [pick(['-', 'h1', 'h2']), pick([0, 1, 50]), member.token(), member.token(), ...readers];
      const keys = [marker, ticket, member.record(name), member.readers(name)];
      await member.run(restoreScript, keys, [member.runId, 'c', 60, ...report]);
      await member.run(admitScript, [marker, ticket], [member.runId, 'c']);
    };

    for (let step = 0; step < 3000; step++) {
      if (random() < 0.03) await restoreAny();
      // a retention of some ms lets records expire in the middle of all that
      else await member.vote(anyRequest(), pick([3, 50, 60_000]));
      const found = await immortalKeys();
      expect(
        found.filter((key) => key !== member.groupKeys.marker),
        `after step ${step}`,
      ).toEqual([]);
    }
  });

  it('expires by itself: the record when a turn was given to a waiter though it had expired before', async () => {
    const name = member.name();
    await member.votes(acquire(name, 'h', member.token()), ask(name, 'w', 'exclusive', channel));
    await member.redis.del(member.record(name));
    await member.vote(ask(name, 'newcomer', 'exclusive'));
    expect(await immortalKeys()).toEqual([member.groupKeys.marker]);
  });

  it('expires by itself: scratch key and ticket', async () => {
    const { marker, ticket, scratch } = member.groupKeys;
    await member.redis.del(marker);
    await member.run(ticketScript, [marker, ticket], [member.runId, 'c', 1000, 'take']);
    await member.run(preflightScript, [marker, scratch], [member.runId, channel]);
    expect(await immortalKeys()).toEqual([]);
    await member.run(admitScript, [marker, ticket], [member.runId, 'c']);
    expect(await immortalKeys()).toEqual([marker]);
  });
});

describe('the last token', () => {
  it('is kept for the fence retention after the lease', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', member.token(), 10_000), 60_000);
    const left = await member.redis.pttl(member.record(name));
    expect(left).toBeGreaterThan(69_000);
    expect(left).toBeLessThanOrEqual(70_000);
    await member.vote(acquireShared(member.name(), 'r', member.token(), 10_000), 60_000);
  });

  it('is kept for the fence retention after a release', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', member.token(), 10_000), 60_000);
    await member.vote(release(name, 'h'), 60_000);
    expect(await member.redis.pttl(member.record(name))).toBeGreaterThan(59_000);
  });

  it('is kept as long as the longest shared lease and the fence retention', async () => {
    const name = member.name();
    await member.vote(acquireShared(name, 'r1', member.token(), 30_000), 60_000);
    await member.vote(acquireShared(name, 'r2', member.token(), 1000), 60_000);
    expect(await member.redis.pttl(member.record(name))).toBeGreaterThan(89_000);
    expect(await member.redis.pttl(member.readers(name))).toBeGreaterThan(29_000);
  });

  it('is kept while a lease is kept taken after its release', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', member.token(), 1000), 60_000);
    await member.vote(release(name, 'h', 30_000), 60_000);
    expect(await member.redis.pttl(member.record(name))).toBeGreaterThan(89_000);
  });
});
