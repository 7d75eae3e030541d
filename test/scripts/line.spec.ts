import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  acquire,
  acquireShared,
  ask,
  extendShared,
  leave,
  LockMember,
  release,
  releaseAll,
  type LockRequestText,
} from '../support/lock-member.js';
import type { MemberInbox } from '../support/voting-member.js';

const exact = 1_632_345_678_901_237;

let member: LockMember;
let inbox: MemberInbox;
const channel = 't:inbox:live';
const dead = 't:inbox:dead';
beforeAll(async () => {
  member = await LockMember.start();
  inbox = await member.inbox(channel);
});
afterAll(() => member[Symbol.asyncDispose]());

const queued = ['QUEUED', expect.any(Number)];
const held = ['HELD', expect.any(Number)];

/** Who was woken by these requests, in order. */
async function wokenBy(...requests: readonly LockRequestText[]): Promise<string[]> {
  await inbox.take();
  await member.votes(...requests);
  return (await inbox.take()).map((message) => message.split(' ')[0]!);
}

/** A lock that is held while these stand in line in this order. */
async function withLine(...waiters: readonly (readonly [string, 'exclusive' | 'shared', string?])[]): Promise<string> {
  const name = member.name();
  await member.vote(acquire(name, 'h', exact));
  for (const [holder, mode, inboxChannel = channel] of waiters) {
    expect(await member.vote(ask(name, holder, mode, inboxChannel))).toEqual(queued);
  }
  return name;
}

describe('ask', () => {
  it.each(['exclusive', 'shared'] as const)(
    'gives the %s turn of a free lock, with the highest token seen',
    async (mode) => {
      const name = member.name();
      expect(await member.vote(ask(name, 'a', mode))).toEqual(['TURN', '0']);
      const known = member.name();
      await member.votes(acquire(known, 'h', exact), release(known, 'h'));
      expect(await member.vote(ask(known, 'a', mode))).toEqual(['TURN', String(exact)]);
      const shared = member.name();
      await member.votes(acquireShared(shared, 'r', exact), releaseAll(shared, 'r'));
      expect(await member.vote(ask(shared, 'a', mode))).toEqual(['TURN', String(exact)]);
    },
  );

  it('tells who does not wait how long it is held, and keeps no place for it', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', exact, 5000));
    const [word, waitMs] = (await member.vote(ask(name, 'a', 'exclusive'))) as [string, number];
    expect(word).toBe('HELD');
    expect(waitMs).toBeGreaterThan(4000);
    expect(waitMs).toBeLessThanOrEqual(5000);
    expect((await member.state(name)).waiting).toBe(0);
  });

  it('lets who waits stand in line, once however often it asks', async () => {
    const name = await withLine(['a', 'exclusive']);
    expect(await member.votes(ask(name, 'a', 'exclusive', channel), ask(name, 'a', 'exclusive', channel))).toEqual([
      queued,
      queued,
    ]);
    expect((await member.state(name)).waiting).toBe(1);
  });

  it('gives no second turn while one is out, to anyone but its owner', async () => {
    const name = member.name();
    expect(await member.vote(ask(name, 'a', 'exclusive'))).toEqual(['TURN', '0']);
    expect(await member.vote(ask(name, 'b', 'exclusive'))).toEqual(held);
    expect(await member.vote(ask(name, 'c', 'shared', channel))).toEqual(queued);
    expect(await member.vote(ask(name, 'a', 'exclusive'))).toEqual(['TURN', '0']);
  });

  it('says how long the turn that is out lasts', async () => {
    const name = member.name();
    await member.vote(ask(name, 'a', 'exclusive', '-', 5000));
    const [, waitMs] = (await member.vote(ask(name, 'b', 'exclusive'))) as [string, number];
    expect(waitMs).toBeGreaterThan(4000);
    expect(waitMs).toBeLessThanOrEqual(5000);
  });

  it('gives the turn to the next one once it has lapsed', async () => {
    const name = member.name();
    await member.vote(ask(name, 'a', 'exclusive', '-', 1));
    await member.passed(1);
    expect(await member.vote(ask(name, 'b', 'exclusive'))).toEqual(['TURN', '0']);
  });

  it('gives a shared turn to any number that ask while nobody stands in line', async () => {
    const name = member.name();
    for (const holder of ['a', 'b', 'c']) expect(await member.vote(ask(name, holder, 'shared'))).toEqual(['TURN', '0']);
    expect(await member.vote(ask(name, 'w', 'exclusive', channel))).toEqual(queued);
    expect(await member.vote(ask(name, 'd', 'shared', channel))).toEqual(queued);
  });

  it('gives a shared turn beside shared holders, but no exclusive one', async () => {
    const name = member.name();
    await member.vote(acquireShared(name, 'r', exact));
    expect(await member.vote(ask(name, 'w', 'exclusive'))).toEqual(held);
    expect(await member.vote(ask(name, 'a', 'shared'))).toEqual(['TURN', String(exact)]);
  });

  it('wakes the first in line instead of the asker, who stands behind it', async () => {
    const name = await withLine(['first', 'exclusive'], ['second', 'exclusive']);
    await member.vote(release(name, 'h'));
    expect(await wokenBy(ask(name, 'newcomer', 'exclusive', channel))).toEqual(['first']);
    expect((await member.state(name)).waiting).toBe(2);
  });

  it('gives the turn to the first in line when it asks itself', async () => {
    const name = await withLine(['first', 'exclusive'], ['second', 'exclusive']);
    await member.vote(release(name, 'h'));
    expect(await member.vote(ask(name, 'first', 'exclusive', channel))).toEqual(['TURN', String(exact)]);
    expect((await member.state(name)).waiting).toBe(1);
  });

  it('gives the turn to the asker when all before it are dead', async () => {
    const name = await withLine(['x', 'exclusive', dead], ['y', 'shared', dead]);
    await member.vote(release(name, 'h'));
    expect(await member.vote(ask(name, 'alive', 'exclusive'))).toEqual(['TURN', String(exact)]);
    expect((await member.state(name)).waiting).toBe(0);
  });

  it.each(['-', channel])(
    'does not let a shared one (inbox %s) pass a waiting exclusive one while shared holders are there: no starving',
    async (inboxChannel) => {
      const name = member.name();
      await member.vote(acquireShared(name, 'r', exact));
      expect(await member.vote(ask(name, 'writer', 'exclusive', channel))).toEqual(queued);
      const answer = await member.vote(ask(name, 'late-reader', 'shared', inboxChannel));
      expect(answer).not.toEqual(['TURN', expect.any(String)]);
      expect((await member.state(name)).waiting).toBe(inboxChannel === '-' ? 1 : 2);
    },
  );

  it('sends newcomers of both modes to the line that it keeps', async () => {
    const name = await withLine(['a', 'exclusive']);
    await member.vote(release(name, 'h'));
    expect(await member.vote(acquire(name, 'newcomer', exact + 1))).toEqual(['LINE', 0]);
    expect(await member.vote(acquireShared(name, 'newcomer', exact + 1))).toEqual(['LINE', 0]);
  });
});

describe('a turn', () => {
  it('is no vote: the lock is free until the members are asked', async () => {
    const name = member.name();
    await member.vote(ask(name, 'a', 'exclusive'));
    expect(await member.state(name)).toMatchObject({ holder: '', token: 0 });
  });

  it('ends with the grant to its owner', async () => {
    const name = member.name();
    await member.votes(
      ask(name, 'a', 'exclusive', '-', 60_000),
      acquire(name, 'a', exact, 10_000, 'turn'),
      release(name, 'a'),
    );
    expect(await member.vote(ask(name, 'b', 'exclusive'))).toEqual(['TURN', String(exact)]);
  });
});

describe('a release with a line', () => {
  it('wakes waiters in the order of their arrival, one exclusive one at a time', async () => {
    const waiters = ['w1', 'w2', 'w3', 'w4'];
    const name = await withLine(...waiters.map((waiter) => [waiter, 'exclusive'] as const));
    const order: string[] = [];
    let holder = 'h';
    for (let i = 0; i < waiters.length; i++) {
      const woken = await wokenBy(releaseAll(name, holder));
      expect(woken).toHaveLength(1);
      [holder] = woken as [string];
      order.push(holder);
      expect(await member.vote(acquire(name, holder, exact + 1 + i, 10_000, 'turn'))).toBe('GRANTED');
    }
    expect(order).toEqual(waiters);
    expect((await member.state(name)).waiting).toBe(0);
  });

  it('tells the woken one the highest token seen, exactly', async () => {
    const name = await withLine(['a', 'exclusive']);
    await inbox.take();
    await member.vote(releaseAll(name, 'h'));
    expect(await inbox.take()).toEqual([`a turn ${exact}`]);
  });

  it('skips waiters whose inbox nobody reads, and forgets them', async () => {
    const name = await withLine(
      ['x', 'exclusive', dead],
      ['y', 'shared', dead],
      ['alive', 'exclusive'],
      ['next', 'exclusive'],
    );
    expect(await wokenBy(releaseAll(name, 'h'))).toEqual(['alive']);
    expect((await member.state(name)).waiting).toBe(1);
  });

  it('forgets a whole line of dead waiters, and newcomers get the lock once the line has lapsed', async () => {
    const name = await withLine(['x', 'exclusive', dead], ['y', 'exclusive', dead]);
    expect(await wokenBy(releaseAll(name, 'h'))).toEqual([]);
    expect((await member.state(name)).waiting).toBe(0);
    expect(await member.vote(ask(name, 'newcomer', 'exclusive'))).toEqual(['TURN', String(exact)]);
  });

  it('wakes the shared ones at its head together, up to the first exclusive one', async () => {
    const name = await withLine(['r1', 'shared'], ['r2', 'shared'], ['w', 'exclusive'], ['r3', 'shared']);
    expect(await wokenBy(releaseAll(name, 'h'))).toEqual(['r1', 'r2']);
    expect((await member.state(name)).waiting).toBe(2);
  });

  it('wakes the exclusive one behind them only when the last of them let go: no starving, no passing', async () => {
    const name = await withLine(['r1', 'shared'], ['r2', 'shared'], ['w', 'exclusive'], ['r3', 'shared']);
    await member.vote(releaseAll(name, 'h'));
    await member.votes(
      acquireShared(name, 'r1', exact + 1, 10_000, 'turn'),
      acquireShared(name, 'r2', exact + 2, 10_000, 'turn'),
    );
    expect(await member.vote(acquireShared(name, 'newcomer', exact + 3))).toEqual(['LINE', 0]);
    expect(await wokenBy(releaseAll(name, 'r1'))).toEqual([]);
    expect(await wokenBy(releaseAll(name, 'r2'))).toEqual(['w']);
    expect(await member.vote(acquire(name, 'w', exact + 4, 10_000, 'turn'))).toBe('GRANTED');
    expect(await wokenBy(releaseAll(name, 'w'))).toEqual(['r3']);
  });

  it('does not wake an exclusive one while some shared holder is left, but extends for others', async () => {
    const name = member.name();
    await member.votes(acquireShared(name, 'r1', exact), acquireShared(name, 'r2', exact + 1));
    await member.vote(ask(name, 'w', 'exclusive', channel));
    expect(await wokenBy(releaseAll(name, 'r1'), extendShared(name, 'r2', exact + 1))).toEqual([]);
    expect(await wokenBy(releaseAll(name, 'r2'))).toEqual(['w']);
  });

  it('wakes nobody while it is kept taken', async () => {
    const name = await withLine(['a', 'exclusive']);
    expect(await wokenBy(releaseAll(name, 'h', 60_000))).toEqual([]);
    expect((await member.state(name)).waiting).toBe(1);
  });

  it('gives no second turn while one is out', async () => {
    const name = await withLine(['a', 'exclusive'], ['b', 'exclusive']);
    expect(await wokenBy(releaseAll(name, 'h'), releaseAll(name, 'h'), releaseAll(name, 'stranger'))).toEqual(['a']);
    expect(await member.vote(ask(name, 'c', 'exclusive'))).toEqual(held);
  });

  it('gives no exclusive turn while a shared one is out', async () => {
    const name = await withLine(['r', 'shared'], ['w', 'exclusive']);
    expect(await wokenBy(releaseAll(name, 'h'))).toEqual(['r']);
    expect(await wokenBy(releaseAll(name, 'stranger'))).toEqual([]);
    expect((await member.state(name)).waiting).toBe(1);
  });
});

describe('leave', () => {
  it('takes its place out of the line, and nobody else out', async () => {
    const name = await withLine(['a', 'exclusive'], ['b', 'exclusive']);
    expect(await member.vote(leave(name, 'a', 'exclusive', channel))).toBe('LEFT');
    expect(await member.vote(leave(name, 'stranger', 'exclusive', channel))).toBe('LEFT');
    expect(await wokenBy(releaseAll(name, 'h'))).toEqual(['b']);
  });

  it('hands its turn to the next in line', async () => {
    const name = await withLine(['a', 'exclusive'], ['b', 'exclusive']);
    await member.vote(releaseAll(name, 'h'));
    expect(await wokenBy(leave(name, 'a', 'exclusive', channel))).toEqual(['b']);
  });

  it('gives its turn up when nobody is next', async () => {
    const name = member.name();
    await member.votes(ask(name, 'a', 'exclusive'), leave(name, 'a', 'exclusive'));
    expect(await member.vote(ask(name, 'b', 'exclusive'))).toEqual(['TURN', '0']);
  });

  it("leaves another's turn alone", async () => {
    const name = await withLine(['a', 'exclusive'], ['b', 'exclusive'], ['c', 'exclusive']);
    await member.vote(releaseAll(name, 'h'));
    expect(await wokenBy(leave(name, 'b', 'exclusive', channel))).toEqual([]);
    expect((await member.state(name)).waiting).toBe(1);
  });

  it('wakes nobody while the lock is held', async () => {
    const name = await withLine(['a', 'exclusive'], ['b', 'exclusive']);
    await member.vote(releaseAll(name, 'h'));
    await member.vote(acquire(name, 'other', exact + 1, 10_000, 'turn'));
    expect(await wokenBy(leave(name, 'a', 'exclusive', channel))).toEqual([]);
  });

  it('of a key never locked writes nothing', async () => {
    const name = member.name();
    expect(await member.vote(leave(name, 'a', 'exclusive'))).toBe('LEFT');
    expect(await member.redis.exists(member.record(name), member.line(name))).toBe(0);
  });
});
