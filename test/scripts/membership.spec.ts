import { readFileSync, readdirSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../lib/member/ioredis-connection.js';
import type { IoredisClient } from '../../lib/member/ioredis-client.js';
import { loadScript } from '../../lib/member/script.js';
import { admitScript, preflightScript, surveyScript, ticketScript, wipeScript } from '../../lib/quorum/scripts.js';
import { LockMember } from '../support/lock-member.js';

const scanScript = loadScript(new URL('../../lib/member/lua/scan.lua', import.meta.url), []);
const channel = 't:inbox:preflight';

let member: LockMember;
beforeAll(async () => {
  member = await LockMember.start();
});
afterAll(() => member[Symbol.asyncDispose]());
beforeEach(() => member.redis.flushall());

const survey = (runId = member.runId) => {
  const { marker, ticket } = member.groupKeys;
  return member.run(surveyScript, [marker, ticket], [runId]);
};
const take = (
  client: string,
  verb: 'take' | 'renew' | 'drop' = 'take',
  ttl = 5000,
  runId = member.runId,
  before = client,
) => {
  const { marker, ticket } = member.groupKeys;
  return member.run(ticketScript, [marker, ticket], [runId, client, ttl, verb, before]);
};
const admit = (client: string, runId = member.runId) => {
  const { marker, ticket } = member.groupKeys;
  return member.run(admitScript, [marker, ticket], [runId, client]);
};

describe('survey', () => {
  it('finds no marker on a member that is new or forgot', async () => {
    expect(await survey()).toEqual(['NONE', '', '']);
  });

  it('finds the marker valid that is its own', async () => {
    await member.mark();
    expect(await survey()).toEqual(['VALID', member.runId, '']);
  });

  it('finds the marker stale that is of another life', async () => {
    await member.redis.set(member.groupKeys.marker, 'run-id-of-an-earlier-life');
    expect(await survey()).toEqual(['STALE', 'run-id-of-an-earlier-life', '']);
  });

  it('tells who has the ticket', async () => {
    await take('client-1');
    expect(await survey()).toEqual(['NONE', '', 'client-1']);
  });

  it('changes nothing', async () => {
    await survey();
    expect(await member.redis.dbsize()).toBe(0);
  });
});

describe('ticket', () => {
  it('goes to the first who takes it, and to no other', async () => {
    expect(await take('client-1')).toEqual(['TAKEN']);
    expect(await take('client-2')).toEqual(['BUSY', 'client-1']);
    expect(await take('client-1')).toEqual(['TAKEN']);
  });

  it('ends after its ttl unless it is renewed', async () => {
    await take('client-1', 'take', 60_000);
    await take('client-1', 'renew', 5000);
    const left = await member.redis.pttl(member.groupKeys.ticket);
    expect(left).toBeGreaterThan(4000);
    expect(left).toBeLessThanOrEqual(5000);
    await take('client-1', 'renew', 1);
    await member.passed(1);
    expect(await take('client-2')).toEqual(['TAKEN']);
  });

  it('is renewed under another name by who has it, and ends for the former one (S36)', async () => {
    await take('client-1.a');
    expect(await take('client-1.b', 'renew', 5000, member.runId, 'client-1.a')).toEqual(['TAKEN']);
    expect(await member.redis.get(member.groupKeys.ticket)).toBe('client-1.b');
    expect(await take('client-1.a', 'renew')).toEqual(['LOST']);
    expect(await take('client-1.a', 'drop')).toEqual(['LOST']);
    expect(await take('client-2.b', 'renew', 5000, member.runId, 'client-2.a')).toEqual(['LOST']);
    expect(await admit('client-1.a')).toEqual(['LOST']);
    expect(await admit('client-1.b')).toEqual(['VOTING']);
  });

  it.each([
    ['it ended or the member forgot it', undefined],
    ['another has it', 'client-2'],
  ])('is LOST for who wants to renew it when %s, and is not taken then', async (_, holder) => {
    if (holder !== undefined) await take(holder);
    expect(await take('client-1', 'renew')).toEqual(['LOST']);
    expect(await member.redis.get(member.groupKeys.ticket)).toBe(holder ?? null);
  });

  it('is not given on a member that votes', async () => {
    await member.mark();
    for (const verb of ['take', 'renew'] as const) expect(await take('client-1', verb)).toEqual(['VOTING']);
    expect(await member.redis.exists(member.groupKeys.ticket)).toBe(0);
  });

  it('is given on a member whose marker is of an earlier life', async () => {
    await member.redis.set(member.groupKeys.marker, 'run-id-of-an-earlier-life');
    expect(await take('client-1')).toEqual(['TAKEN']);
  });

  it.each([
    ['one', '/12', ''],
    ['twelve', '', '/12'],
    ['twelve', '/6', '/12'],
  ])('is not given to clients with %s partition(s) where the marker is of others (S31)', async (_, theirs, ours) => {
    await member.redis.set(member.groupKeys.marker, `run-id-of-an-earlier-life${theirs}`);
    expect(await take('client-1', 'take', 5000, `${member.runId}${ours}`)).toEqual(['OTHERS']);
    expect(await member.redis.exists(member.groupKeys.ticket)).toBe(0);
    expect(await take('client-1', 'take', 5000, `${member.runId}${theirs}`)).toEqual(['TAKEN']);
  });
});

describe('admit', () => {
  it('writes the marker for who has the ticket, and takes the ticket away (S13)', async () => {
    await take('client-1');
    expect(await admit('client-1')).toEqual(['VOTING']);
    expect(await member.redis.get(member.groupKeys.marker)).toBe(member.runId);
    expect(await member.redis.exists(member.groupKeys.ticket)).toBe(0);
    expect(await survey()).toEqual(['VALID', member.runId, '']);
  });

  it.each([
    ['is gone', undefined],
    ['is another client’s', 'client-2'],
  ])('is LOST, and writes no marker, when the ticket %s (S13)', async (_, holder) => {
    if (holder !== undefined) await take(holder);
    expect(await admit('client-1')).toEqual(['LOST']);
    expect(await survey()).toEqual(['NONE', '', holder ?? '']);
  });

  it('replaces the marker of an earlier life', async () => {
    await member.redis.set(member.groupKeys.marker, 'run-id-of-an-earlier-life');
    await take('client-1');
    expect(await admit('client-1')).toEqual(['VOTING']);
    expect(await member.redis.get(member.groupKeys.marker)).toBe(member.runId);
  });

  it('finds a member that votes already as it should be, and leaves another’s ticket', async () => {
    await member.mark();
    expect(await admit('client-1')).toEqual(['VOTING']);
  });
});

describe('wipe', () => {
  const kept = ['t:kv:a', 't:kv:b'];
  const wipe = (client: string) => {
    const { marker, ticket } = member.groupKeys;
    return member.run(wipeScript, [marker, ticket, ...kept], [member.runId, client]);
  };
  beforeEach(() => member.redis.mset('t:kv:a', 1, 't:kv:b', 2, 't:kv:c', 3));

  it('removes what it is told for who has the ticket, and nothing else (S32)', async () => {
    await take('client-1');
    expect(await wipe('client-1')).toBe('WIPED');
    expect((await member.redis.keys('t:kv:*')).sort()).toEqual(['t:kv:c']);
    expect(await member.redis.get(member.groupKeys.ticket)).toBe('client-1');
  });

  it('is REFUSED without the ticket, and on a member that votes (S09)', async () => {
    expect(await wipe('client-1')).toBe('REFUSED');
    await take('client-2');
    expect(await wipe('client-1')).toBe('REFUSED');
    await member.mark();
    expect(await wipe('client-2')).toBe('REFUSED');
    expect(await member.redis.exists(...kept)).toBe(2);
  });
});

describe('preflight', () => {
  const preflight = (client: Redis) =>
    evaluate(
      client as unknown as IoredisClient,
      preflightScript,
      [member.groupKeys.marker, member.groupKeys.scratch],
      [member.runId, channel],
    );

  it('finds a usable server ready, and leaves nothing behind', async () => {
    expect(await preflight(member.redis)).toEqual(['READY']);
    expect(await member.redis.dbsize()).toBe(0);
  });

  it('names each command that the user may not use', async () => {
    await member.redis.call(
      'ACL',
      'SETUSER',
      'limited',
      'on',
      '>secret',
      '~*',
      '&*',
      '+@all',
      '-zadd',
      '-publish',
      '-pexpire',
    );
    const limited = member.redis.duplicate({ username: 'limited', password: 'secret' });
    const answer = (await preflight(limited)) as string[];
    limited.disconnect();
    expect(answer[0]).toBe('MISSING');
    for (const command of ['ZADD', 'PUBLISH', 'PEXPIRE']) {
      expect(answer.slice(1).filter((text) => text.startsWith(`${command}: `)).length).toBeGreaterThan(0);
    }
    expect(await member.redis.dbsize()).toBe(0);
  });

  it('names keys and channels that the user may not touch', async () => {
    await member.redis.call(
      'ACL',
      'SETUSER',
      'elsewhere',
      'on',
      '>secret',
      '~other:*',
      'resetchannels',
      '&other',
      '+@all',
    );
    const elsewhere = member.redis.duplicate({ username: 'elsewhere', password: 'secret' });
    const answer = (await preflight(elsewhere).catch((error: Error) => ['MISSING', error.message])) as string[];
    elsewhere.disconnect();
    expect(answer[0]).toBe('MISSING');
    expect(answer.join()).toMatch(/perm|can't access/i);
  });

  it('tries every command that a script of ours uses', () => {
    const lib = new URL('../../lib/', import.meta.url);
    const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.lua'));
    const used = new Set(
      files.flatMap((file) =>
        [...readFileSync(new URL(file, lib), 'utf8').matchAll(/\b(?:redis\.p?)?call\('([A-Z]+)'/g)].map(
          ([, name]) => name!,
        ),
      ),
    );
    const tried = new Set([...preflightScript.source.matchAll(/\{ '([A-Z]+)'/g)].map(([, name]) => name!));
    expect([...used].filter((command) => !tried.has(command))).toEqual([]);
  });
});

describe('scan', () => {
  it('gives all keys of a pattern, page by page', async () => {
    const wanted = Array.from({ length: 40 }, (_, index) => `t:kv:${index}`);
    await member.redis.mset(Object.fromEntries([...wanted, 'other'].map((key) => [key, ''])));
    const found = new Set<string>();
    let cursor = '0';
    do {
      const [next, page] = (await member.run(scanScript, [], [cursor, 't:kv:*', 10])) as [string, string[]];
      for (const key of page) found.add(key);
      cursor = next;
    } while (cursor !== '0');
    expect([...found].sort()).toEqual(wanted.sort());
  });
});
