import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  acquire,
  acquireShared,
  ask,
  extend,
  inspect,
  leave,
  LockMember,
  release,
  releaseAll,
  retention,
} from '../support/lock-member.js';

let member: LockMember;
beforeAll(async () => {
  member = await LockMember.start();
});
afterAll(() => member[Symbol.asyncDispose]());

describe('a batch of requests', () => {
  it('is answered in order, each request on its own, and later ones see what earlier ones did', async () => {
    const [a, b] = [member.name(), member.name()];
    const token = member.token();
    const answers = await member.batch([
      acquire(a, 'h1', token),
      acquire(a, 'h2', member.token()),
      acquire([b, a], 'h3', member.token()),
      extend(a, 'h1', token),
      release(a, 'h1'),
      release(a, 'h1'),
      acquire([b, a], 'h3', member.token()),
    ]);
    expect(answers).toEqual([
      'GRANTED',
      ['HELD', expect.any(Number), 0],
      ['HELD', expect.any(Number), 1],
      'EXTENDED',
      'RELEASED',
      'ABSENT',
      'GRANTED',
    ]);
  });

  it('of requests that look at lines and readers is answered in order too', async () => {
    const [a, b] = [member.name(), member.name()];
    const answers = await member.batch([
      acquireShared([a, b], 'r1', member.token()),
      ask(a, 'w', 'exclusive'),
      leave(a, 'w', 'exclusive'),
      inspect(b),
      releaseAll([a, b], 'r1'),
      inspect(b),
    ]);
    expect(answers).toEqual([
      'GRANTED',
      ['HELD', expect.any(Number)],
      'LEFT',
      ['STATE', expect.any(String), 0, '', 0, 'r1', expect.any(Number)],
      'RELEASED',
      ['STATE', expect.any(String), 0, '', 0],
    ]);
  });

  it('leaves the other requests alone when one fails, as with a key of another type', async () => {
    const [a, wrong, b] = [member.name(), member.name(), member.name()];
    await member.redis.rpush(member.record(wrong), 'not a record');
    const answers = await member.batch([
      acquire(a, 'h', member.token()),
      acquire(wrong, 'h', member.token()),
      acquire(b, 'h', member.token()),
    ]);
    expect(answers).toEqual(['GRANTED', ['FAILED', expect.stringContaining('WRONGTYPE')], 'GRANTED']);
    await member.redis.del(member.record(wrong));
  });

  it('grants none of several keys when one of them fails', async () => {
    const [a, wrong] = [member.name(), member.name()];
    await member.redis.rpush(member.record(wrong), 'not a record');
    expect(await member.vote(acquire([a, wrong], 'h', member.token()))).toEqual([
      'FAILED',
      expect.stringContaining('WRONGTYPE'),
    ]);
    expect(await member.redis.exists(member.record(a))).toBe(0);
    await member.redis.del(member.record(wrong));
  });

  it('of 512 requests is answered', async () => {
    const names = Array.from({ length: 512 }, () => member.name());
    const answers = await member.batch(names.map((name) => acquire(name, 'h', member.token())));
    expect(answers).toEqual(names.map(() => 'GRANTED'));
  });

  it.each([
    ['of records', () => [acquire(member.name(), 'h', member.token())]],
    ['of lines', () => [acquireShared(member.name(), 'h', member.token())]],
  ])('%s is answered REJOIN, and changes nothing, by a member without its own marker (S03)', async (_, requests) => {
    const before = await member.redis.dbsize();
    await member.redis.del(member.groupKeys.marker);
    expect(await member.batch(requests())).toBe('REJOIN');
    await member.redis.set(member.groupKeys.marker, 'run-id-of-an-earlier-life');
    expect(await member.batch(requests())).toBe('REJOIN');
    await member.mark();
    expect(await member.batch(requests(), retention, 'run-id-of-an-earlier-life')).toBe('REJOIN');
    expect(await member.redis.dbsize()).toBe(before);
  });
});
