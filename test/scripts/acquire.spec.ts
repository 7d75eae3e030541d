import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  acquire,
  acquireShared,
  extend,
  extendShared,
  LockMember,
  release,
  releaseAll,
} from '../support/lock-member.js';

const dayUs = 86_400_000_000;
/** Ends in a digit that a number written with 14 digits would lose. */
const exact = 1_632_345_678_901_237;

let member: LockMember;
beforeAll(async () => {
  member = await LockMember.start();
});
afterAll(() => member[Symbol.asyncDispose]());

describe.each([
  ['acquire', acquire, release],
  ['acquire_shared', acquireShared, releaseAll],
] as const)('%s', (verb, take, letGo) => {
  it('grants a lock that nobody ever held, with any token', async () => {
    expect(await member.vote(take(member.name(), 'h', 1))).toBe('GRANTED');
  });

  it('is held for its lease on the member clock', async () => {
    const name = member.name();
    await member.vote(take(name, 'h', member.token(), 7000));
    const [word, waitMs, index] = (await member.vote(
      verb === 'acquire' ? acquireShared(name, 'other', member.token()) : acquire(name, 'other', member.token()),
    )) as [string, number, number];
    expect([word, index]).toEqual(['HELD', 0]);
    expect(waitMs).toBeGreaterThan(6000);
    expect(waitMs).toBeLessThanOrEqual(7000);
  });

  it('refuses while another holds it exclusively, also without waiting or with a turn (S01)', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', member.token()));
    for (const line of [0, 3000, 'turn'] as const) {
      expect(await member.vote(take(name, 'other', member.token(), 100, line))).toEqual([
        'HELD',
        expect.any(Number),
        0,
      ]);
    }
  });

  it('grants once the lease of the other has ended', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', member.token(), 5));
    await member.passed(5);
    expect(await member.vote(take(name, 'other', member.token()))).toBe('GRANTED');
  });

  it('grants once the other released', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', member.token()));
    await member.vote(release(name, 'h'));
    expect(await member.vote(take(name, 'other', member.token()))).toBe('GRANTED');
  });

  it('grants several keys all or none, and names each that is held by its index', async () => {
    const [a, b, c] = [member.name(), member.name(), member.name()];
    await member.vote(acquire([b], 'h', member.token(), 2000));
    await member.vote(acquire([c], 'h', member.token(), 9000));
    const [word, waitMs, ...indexes] = (await member.vote(take([a, b, c], 'other', member.token()))) as [
      string,
      number,
    ];
    expect([word, ...indexes]).toEqual(['HELD', 1, 2]);
    expect(waitMs).toBeGreaterThan(8000);
    expect((await member.state(a)).token).toBe(0);
    await member.vote(release([b, c], 'h'));
    expect(await member.vote(take([a, b, c], 'other', member.token()))).toBe('GRANTED');
  });

  it.each([
    ['not above', 0],
    ['below', -1],
  ])('refuses as STALE, with its own, a token %s that of the last exclusive holder (S02)', async (_, more) => {
    const name = member.name();
    await member.votes(acquire(name, 'h', exact), release(name, 'h'));
    expect(await member.vote(take(name, 'other', exact + more))).toEqual(['STALE', String(exact)]);
    expect(await member.vote(take(name, 'other', exact + 1))).toBe('GRANTED');
  });

  it.each([
    ['not above', 0],
    ['below', -1],
  ])('refuses as STALE a token %s that of the last shared holder (S02)', async (_, more) => {
    const name = member.name();
    await member.votes(acquireShared(name, 'h', exact), releaseAll(name, 'h'));
    expect(await member.vote(take(name, 'other', exact + more))).toEqual(['STALE', String(exact)]);
    expect(await member.vote(take(name, 'other', exact + 1))).toBe('GRANTED');
  });

  it('refuses as STALE also when the lease just ended by itself (S02)', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', exact, 1));
    await member.passed(1);
    expect(await member.vote(take(name, 'other', exact - 5))).toEqual(['STALE', String(exact)]);
  });

  it('refuses several keys as STALE by the highest token of them', async () => {
    const [a, b] = [member.name(), member.name()];
    await member.votes(acquire(a, 'h', 500), release(a, 'h'), acquire(b, 'h', 700), release(b, 'h'));
    expect(await member.vote(take([a, b], 'other', 600))).toEqual(['STALE', '700']);
    expect(await member.vote(take(a, 'other', 600))).toBe('GRANTED');
  });

  it('keeps tokens exactly, to the last digit', async () => {
    const name = member.name();
    for (let i = 0; i < 20; i++) {
      expect(await member.votes(take(name, `h${i}`, exact + i), letGo(name, `h${i}`))).toEqual(['GRANTED', 'RELEASED']);
      expect((await member.state(name)).token).toBe(exact + i);
    }
    const largest = Number.MAX_SAFE_INTEGER - 1;
    const far = member.name();
    expect(await member.vote(take(far, 'h', largest))).toEqual(['CLOCK', expect.stringMatching(/^\d{16}$/)]);
  });

  it('refuses as CLOCK, with its own time, a token over a day ahead of it, and grants one within', async () => {
    const name = member.name();
    const before = await member.timeUs();
    const [word, memberUs] = (await member.vote(take(name, 'h', before + dayUs + 10_000_000))) as [string, string];
    expect(word).toBe('CLOCK');
    expect(memberUs).toMatch(/^\d{16}$/);
    expect(Number(memberUs)).toBeGreaterThan(before);
    expect(Number(memberUs)).toBeLessThanOrEqual(await member.timeUs());
    expect((await member.state(name)).token).toBe(0);
    expect(await member.vote(take(name, 'h', before + dayUs - 10_000_000))).toBe('GRANTED');
  });

  it('says that it is held before it says that the token is stale or ahead', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', exact));
    for (const token of [1, (await member.timeUs()) + 2 * dayUs]) {
      expect(await member.vote(take(name, 'other', token))).toEqual(['HELD', expect.any(Number), 0]);
    }
  });

  it('sends newcomers to the line for so long once somebody who waits was refused', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', member.token()));
    expect(await member.vote(take(name, 'waiter', member.token(), 10_000, 30_000))).toEqual([
      'HELD',
      expect.any(Number),
      0,
    ]);
    await member.vote(releaseAll(name, 'h'));
    expect(await member.vote(take(name, 'newcomer', member.token()))).toEqual(['LINE', 0]);
    expect(await member.vote(take(name, 'waiter', member.token(), 10_000, 'turn'))).toBe('GRANTED');
  });

  it('does not send newcomers to a line after somebody was refused who does not wait', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', member.token()));
    await member.vote(take(name, 'passer-by', member.token(), 10_000, 0));
    await member.vote(take(name, 'with a turn'.replaceAll(' ', '-'), member.token(), 10_000, 'turn'));
    await member.vote(release(name, 'h'));
    expect(await member.vote(take(name, 'newcomer', member.token()))).toBe('GRANTED');
  });

  it('grants newcomers again once the line has lapsed', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', member.token()));
    await member.vote(take(name, 'waiter', member.token(), 10_000, 5));
    await member.vote(release(name, 'h'));
    await member.passed(5);
    expect(await member.vote(take(name, 'newcomer', member.token()))).toBe('GRANTED');
  });

  it('names each of several keys that has a line', async () => {
    const [a, b, c] = [member.name(), member.name(), member.name()];
    for (const name of [a, c]) {
      await member.votes(
        acquire(name, 'h', member.token()),
        acquire(name, 'waiter', member.token(), 10_000, 30_000),
        releaseAll(name, 'h'),
      );
    }
    expect(await member.vote(take([a, b, c], 'newcomer', member.token()))).toEqual(['LINE', 0, 2]);
  });
});

describe('acquire', () => {
  it('refuses while any shared holder is there (S01)', async () => {
    const name = member.name();
    await member.votes(
      acquireShared(name, 'r1', member.token(), 3000),
      acquireShared(name, 'r2', member.token(), 9000),
      releaseAll(name, 'r1'),
    );
    const [word, waitMs] = (await member.vote(acquire(name, 'w', member.token()))) as [string, number];
    expect(word).toBe('HELD');
    expect(waitMs).toBeGreaterThan(8000);
    await member.vote(releaseAll(name, 'r2'));
    expect(await member.vote(acquire(name, 'w', member.token()))).toBe('GRANTED');
  });

  it('waits for no more than the longest shared lease that is left', async () => {
    const name = member.name();
    await member.votes(
      acquireShared(name, 'short', member.token(), 3000),
      acquireShared(name, 'long', member.token(), 60_000),
      releaseAll(name, 'long'),
    );
    const [, waitMs] = (await member.vote(acquire(name, 'w', member.token()))) as [string, number];
    expect(waitMs).toBeLessThanOrEqual(3000);
  });

  it('grants the same acquisition again with a higher token, which others then have to exceed', async () => {
    const name = member.name();
    expect(await member.votes(acquire(name, 'h', 100), acquire(name, 'h', 100), acquire(name, 'h', 101))).toEqual([
      'GRANTED',
      ['STALE', '100'],
      'GRANTED',
    ]);
    await member.vote(release(name, 'h'));
    expect(await member.vote(acquire(name, 'other', 101))).toEqual(['STALE', '101']);
  });
});

describe('acquire_shared', () => {
  it('grants any number of holders beside each other', async () => {
    const name = member.name();
    for (let i = 0; i < 50; i++)
      expect(await member.vote(acquireShared(name, `r${i}`, member.token()))).toBe('GRANTED');
    expect((await member.state(name)).readers.size).toBe(50);
  });

  it('drops holders whose lease has ended', async () => {
    const name = member.name();
    await member.vote(acquireShared(name, 'short', member.token(), 1));
    await member.passed(1);
    await member.vote(acquireShared(name, 'long', member.token()));
    expect([...(await member.state(name)).readers.keys()]).toEqual(['long']);
    expect(await member.redis.zcard(member.readers(name))).toBe(1);
  });
});

describe.each([
  ['extend', acquire, extend, release],
  ['extend_shared', acquireShared, extendShared, releaseAll],
] as const)('%s', (_, take, renew, letGo) => {
  it('renews the lease of its holder', async () => {
    const name = member.name();
    const token = member.token();
    await member.vote(take(name, 'h', token, 1000));
    expect(await member.vote(renew(name, 'h', token, 30_000))).toBe('EXTENDED');
    const { left, readers } = await member.state(name);
    expect(Math.max(left, readers.get('h') ?? 0)).toBeGreaterThan(29_000);
  });

  it('never shortens the lease: it may be executed late, and its answer may be lost', async () => {
    const name = member.name();
    const token = member.token();
    await member.votes(take(name, 'h', token, 30_000), renew(name, 'h', token, 1000));
    const { left, readers } = await member.state(name);
    expect(Math.max(left, readers.get('h') ?? 0)).toBeGreaterThan(29_000);
  });

  it('is refused while another holds it exclusively (S01)', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', 500));
    for (const token of [400, 600]) expect(await member.vote(renew(name, 'other', token))).toEqual(['LOST', 0]);
    expect((await member.state(name)).holder).toBe('h');
  });

  it('grants again where the lease ended and nobody followed (S12)', async () => {
    const name = member.name();
    const token = member.token();
    await member.vote(take(name, 'h', token, 1));
    await member.passed(1);
    expect(await member.vote(renew(name, 'h', token))).toBe('EXTENDED');
    const { holder, readers } = await member.state(name);
    expect(holder === 'h' || readers.has('h')).toBe(true);
  });

  it('grants on a member that never knew of it, so a member that lost it is healed (S12)', async () => {
    const name = member.name();
    const token = member.token();
    expect(await member.vote(renew(name, 'h', token))).toBe('EXTENDED');
    expect((await member.state(name)).token).toBe(token);
    expect(await member.vote(acquire(name, 'other', token))).toEqual(['HELD', expect.any(Number), 0]);
  });

  it('does not grant again once an exclusive holder followed, though that one is gone (S12)', async () => {
    const name = member.name();
    await member.votes(take(name, 'h', 500), letGo(name, 'h'), acquire(name, 'later', 501), release(name, 'later'));
    expect(await member.vote(renew(name, 'h', 500))).toEqual(['LOST', 0]);
    expect(await member.vote(acquire(name, 'third', 502))).toBe('GRANTED');
  });

  it('renews several keys all or none, and names each that is lost', async () => {
    const [a, b, c] = [member.name(), member.name(), member.name()];
    await member.vote(take([a, b, c], 'h', 500, 2000));
    for (const name of [b, c]) await member.votes(letGo(name, 'h'), acquire(name, 'later', 501));
    expect(await member.vote(renew([a, b, c], 'h', 500, 60_000))).toEqual(['LOST', 1, 2]);
    const { left, readers } = await member.state(a);
    expect(Math.max(left, readers.get('h') ?? 0)).toBeLessThanOrEqual(2000);
  });

  it('never lets the stored token go down (S02)', async () => {
    const name = member.name();
    await member.votes(take(name, 'h', exact), take(name, 'h', exact + 10));
    expect(await member.vote(renew(name, 'h', exact))).toBe('EXTENDED');
    expect((await member.state(name)).token).toBe(exact + 10);
    await member.vote(letGo(name, 'h'));
    expect(await member.vote(acquire(name, 'other', exact + 5))).toEqual(['STALE', String(exact + 10)]);
  });
});

describe('extend', () => {
  it('is refused while shared holders are there (S01)', async () => {
    const name = member.name();
    await member.vote(acquireShared(name, 'r', 100));
    expect(await member.vote(extend(name, 'h', 200))).toEqual(['LOST', 0]);
  });

  it('does not grant again once a shared holder followed, though that one is gone (S12)', async () => {
    const name = member.name();
    await member.votes(
      acquire(name, 'h', 500),
      release(name, 'h'),
      acquireShared(name, 'r', 501),
      releaseAll(name, 'r'),
    );
    expect(await member.vote(extend(name, 'h', 500))).toEqual(['LOST', 0]);
  });
});

describe('extend_shared', () => {
  it('grants again beside later shared holders', async () => {
    const name = member.name();
    await member.vote(acquireShared(name, 'r2', 600));
    expect(await member.vote(extendShared(name, 'r1', 500))).toBe('EXTENDED');
    expect([...(await member.state(name)).readers.keys()].sort()).toEqual(['r1', 'r2']);
  });

  it('keeps exclusive holders out for as long as the longest shared lease', async () => {
    const name = member.name();
    await member.votes(acquireShared(name, 'r1', 500, 60_000), acquireShared(name, 'r2', 501, 1000));
    await member.vote(extendShared(name, 'r2', 501, 2000));
    const [, waitMs] = (await member.vote(acquire(name, 'w', 502))) as [string, number];
    expect(waitMs).toBeGreaterThan(59_000);
  });
});
