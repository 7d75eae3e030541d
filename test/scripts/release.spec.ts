import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acquire, acquireShared, LockMember, release, releaseAll } from '../support/lock-member.js';

let member: LockMember;
beforeAll(async () => {
  member = await LockMember.start();
});
afterAll(() => member[Symbol.asyncDispose]());

describe.each([
  ['release', acquire, release, 'RELEASED'],
  ['release_all of an exclusive lock', acquire, releaseAll, 'RELEASED'],
  ['release_all of a shared lock', acquireShared, releaseAll, 'ABSENT'],
] as const)('%s', (_, take, letGo, afterTheEnd) => {
  it('lets go at once, and keeps the token', async () => {
    const name = member.name();
    await member.vote(take(name, 'h', 500));
    expect(await member.vote(letGo(name, 'h'))).toBe('RELEASED');
    expect(await member.state(name)).toEqual({ token: 500, waiting: 0, holder: '', left: 0, readers: new Map() });
    expect(await member.vote(acquire(name, 'other', 501))).toBe('GRANTED');
  });

  it('answers ABSENT for a lock that nobody ever held, and writes nothing', async () => {
    const name = member.name();
    expect(await member.vote(letGo(name, 'h'))).toBe('ABSENT');
    expect(await member.redis.exists(member.record(name), member.line(name), member.readers(name))).toBe(0);
  });

  it('answers ABSENT the second time', async () => {
    const name = member.name();
    expect(await member.votes(take(name, 'h', 500), letGo(name, 'h'), letGo(name, 'h'))).toEqual([
      'GRANTED',
      'RELEASED',
      'ABSENT',
    ]);
  });

  it(`answers ${afterTheEnd} once the lease has ended`, async () => {
    const name = member.name();
    await member.vote(take(name, 'h', 500, 1));
    await member.passed(1);
    expect(await member.vote(letGo(name, 'h'))).toBe(afterTheEnd);
    expect((await member.state(name)).left).toBe(0);
  });

  it('never touches what another holds (S15)', async () => {
    const name = member.name();
    await member.vote(take(name, 'other', 500, 9000));
    expect(await member.vote(letGo(name, 'h'))).toBe('ABSENT');
    const { holder, left, readers } = await member.state(name);
    expect([holder, ...readers.keys()]).toContain('other');
    expect(Math.max(left, ...readers.values())).toBeGreaterThan(8000);
  });

  it('never touches what another holds since its own lease ended (S15)', async () => {
    const name = member.name();
    await member.vote(take(name, 'h', 500, 1));
    await member.passed(1);
    await member.vote(acquire(name, 'other', 501));
    expect(await member.vote(letGo(name, 'h', 60_000))).toBe('ABSENT');
    expect(await member.state(name)).toMatchObject({ holder: 'other', token: 501 });
  });

  it('leaves it taken for the time to keep, then free', async () => {
    const name = member.name();
    await member.vote(take(name, 'h', 500, 60_000));
    expect(await member.vote(letGo(name, 'h', 1000))).toBe('RELEASED');
    const [word, waitMs] = (await member.vote(acquire(name, 'other', 501))) as [string, number];
    expect(word).toBe('HELD');
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(1000);
    await member.vote(letGo(name, 'h', 1));
    await member.passed(1);
    expect(await member.vote(acquire(name, 'other', 501))).toBe('GRANTED');
  });

  it('of several keys lets go of those that are held', async () => {
    const [a, b, c] = [member.name(), member.name(), member.name()];
    await member.vote(take([a, c], 'h', 500));
    await member.vote(take(b, 'other', 500));
    expect(await member.vote(letGo([a, b, c], 'h'))).toBe('RELEASED');
    expect(await member.vote(acquire([a, c], 'next', 501))).toBe('GRANTED');
    expect(await member.vote(acquire(b, 'next', 501))).toEqual(['HELD', expect.any(Number), 0]);
  });
});

describe('release', () => {
  it('answers LINED when somebody may wait, for any of the keys', async () => {
    const [a, b, c] = [member.name(), member.name(), member.name()];
    await member.vote(acquire([a, b, c], 'h', 500));
    await member.vote(acquire(b, 'waiter', 501, 10_000, 3000));
    expect(await member.vote(release([a, b, c], 'h'))).toBe('LINED');
  });

  it('does not answer LINED for a line that has lapsed, or for what it did not hold', async () => {
    const name = member.name();
    await member.votes(acquire(name, 'h', 500), acquire(name, 'waiter', 501, 10_000, 1));
    expect(await member.vote(release(name, 'stranger'))).toBe('ABSENT');
    await member.passed(1);
    expect(await member.vote(release(name, 'h'))).toBe('RELEASED');
  });
});

describe('release_all', () => {
  it('of one shared lock leaves the others, until the last of them ends', async () => {
    const name = member.name();
    await member.votes(acquireShared(name, 'r1', 500, 60_000), acquireShared(name, 'r2', 501, 5000));
    await member.vote(releaseAll(name, 'r1'));
    expect([...(await member.state(name)).readers.keys()]).toEqual(['r2']);
    const [, waitMs] = (await member.vote(acquire(name, 'w', 502))) as [string, number];
    expect(waitMs).toBeLessThanOrEqual(5000);
    await member.vote(releaseAll(name, 'r2'));
    expect(await member.vote(acquire(name, 'w', 502))).toBe('GRANTED');
  });

  it('of one shared lock with a time to keep leaves longer ones their whole lease', async () => {
    const name = member.name();
    await member.votes(
      acquireShared(name, 'r1', 500),
      acquireShared(name, 'r2', 501, 9000),
      releaseAll(name, 'r1', 1000),
    );
    const [, waitMs] = (await member.vote(acquire(name, 'w', 502))) as [string, number];
    expect(waitMs).toBeGreaterThan(8000);
  });
});
