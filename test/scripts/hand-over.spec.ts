import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  acquire,
  acquireShared,
  ask,
  handOver,
  LockMember,
  release,
  releaseAll,
  type LockRequestText,
} from '../support/lock-member.js';
import type { MemberInbox } from '../support/voting-member.js';

const exact = 1_632_345_678_901_237;
const channel = 't:inbox:live';
const dead = 't:inbox:dead';

let member: LockMember;
let inbox: MemberInbox;
beforeAll(async () => {
  member = await LockMember.start();
  inbox = await member.inbox(channel);
});
afterAll(() => member[Symbol.asyncDispose]());

/** What these requests published, in order. */
async function toldBy(...requests: readonly LockRequestText[]): Promise<string[]> {
  await inbox.take();
  await member.votes(...requests);
  return inbox.take();
}

/** A lock that `h` holds while these stand in line, each with its inbox. */
async function withLine(...waiters: readonly (readonly [string, string])[]): Promise<string> {
  const name = member.name();
  await member.vote(acquire(name, 'h', exact));
  for (const [holder, its] of waiters) await member.vote(ask(name, holder, 'exclusive', its));
  return name;
}

describe('a hand-over', () => {
  it('votes for the first in line, which it tells so with the token, the lease and who stands behind', async () => {
    const name = await withLine(['a', channel], ['b', channel]);
    const told = await toldBy(handOver(name, 'h', 'a', exact + 1, channel));
    expect(told).toEqual([expect.stringMatching(`^a handed ${exact + 1} 500 b exclusive ${channel} \\d+$`)]);
    const { holder, token, left, waiting } = await member.state(name);
    expect({ holder, token, waiting }).toEqual({ holder: 'a', token: exact + 1, waiting: 1 });
    expect(left).toBeGreaterThan(400);
    expect(left).toBeLessThanOrEqual(500);
  });

  it('votes for it also where there is no line, as at all members but home', async () => {
    const name = await withLine();
    expect(await member.vote(handOver(name, 'h', 'a', exact + 1, channel))).toBe('HANDED');
    expect(await member.state(name)).toMatchObject({ holder: 'a', token: exact + 1 });
  });

  it('is a vote like any other: it is extended, granted again and released under its name', async () => {
    const name = await withLine(['a', channel]);
    await member.vote(handOver(name, 'h', 'a', exact + 1, channel));
    expect(await member.vote(acquire(name, 'other', exact + 2, 10_000, 'turn'))).toEqual([
      'HELD',
      expect.anything(),
      0,
    ]);
    expect(await member.vote(acquire(name, 'a', exact + 3, 10_000, 'turn'))).toBe('GRANTED');
    expect(await member.vote(release(name, 'a'))).toBe('LINED');
  });

  it('keeps newcomers in line while there was one', async () => {
    const name = await withLine(['a', channel]);
    await member.votes(handOver(name, 'h', 'a', exact + 1, channel), release(name, 'a'));
    expect(await member.vote(acquire(name, 'newcomer', exact + 2))).toEqual(['LINE', 0]);
  });

  it('goes only from who holds the lock: one that comes late takes it from nobody (S33)', async () => {
    const name = await withLine(['a', channel]);
    await member.votes(releaseAll(name, 'h'), acquire(name, 'a', exact + 1, 10_000, 'turn'));
    expect(await member.vote(handOver(name, 'h', 'x', exact + 2, channel))).toBe('ABSENT');
    expect(await member.state(name)).toMatchObject({ holder: 'a', token: exact + 1 });
  });

  it('gives nobody a lock that its lease has ended of, and calls the first in line', async () => {
    const name = await withLine(['a', channel]);
    const record = (await member.redis.get(member.record(name)))!;
    // its end, in the first column, is over
    await member.redis.set(member.record(name), record.replace(/^\d{13}/, '0000000000001'));
    const told = await toldBy(handOver(name, 'h', 'a', exact + 1, channel));
    expect(told).toEqual([`a turn ${exact}`]);
    expect((await member.state(name)).holder).toBe('');
  });

  it('gives nobody a token that is not above all it has seen (S02)', async () => {
    const name = await withLine(['a', channel]);
    expect(await member.vote(handOver(name, 'h', 'a', exact, channel))).toBe('RELEASED');
    expect(await member.state(name)).toMatchObject({ holder: '', token: exact });
  });

  it('goes to nobody but the first in line; another that stands there is called', async () => {
    const name = await withLine(['b', channel]);
    expect(await toldBy(handOver(name, 'h', 'gone', exact + 1, channel))).toEqual([`b turn ${exact}`]);
    expect((await member.state(name)).holder).toBe('');
  });

  it('goes to nobody whose inbox is not read: the next one is called', async () => {
    const name = await withLine(['a', dead], ['b', channel]);
    expect(await toldBy(handOver(name, 'h', 'a', exact + 1, dead))).toEqual([`b turn ${exact}`]);
    expect(await member.state(name)).toMatchObject({ holder: '', waiting: 0 });
  });

  it('leaves shared holders alone', async () => {
    const name = member.name();
    await member.votes(acquireShared(name, 'r', exact), ask(name, 'a', 'exclusive', channel));
    expect(await member.vote(handOver(name, 'r', 'a', exact + 1, channel))).toBe('ABSENT');
    expect((await member.state(name)).readers.has('r')).toBe(true);
  });
});

describe('who is called for its turn', () => {
  it('is told who stands behind it, and since when', async () => {
    const name = await withLine(['a', channel], ['b', channel]);
    await member.passed(20);
    const [told] = await toldBy(releaseAll(name, 'h'));
    const [, waited] = new RegExp(`^a turn ${exact} b exclusive ${channel} (\\d+)$`).exec(told!)!;
    expect(Number(waited)).toBeGreaterThanOrEqual(20);
  });
});
