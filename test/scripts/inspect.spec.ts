import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acquire, acquireShared, ask, inspect, LockMember, release } from '../support/lock-member.js';

const exact = 1_632_345_678_901_237;

let member: LockMember;
beforeAll(async () => {
  member = await LockMember.start();
});
afterAll(() => member[Symbol.asyncDispose]());

describe('inspect', () => {
  it('of a key never locked tells that, and writes nothing', async () => {
    const before = await member.redis.dbsize();
    expect(await member.vote(inspect(member.name()))).toEqual(['STATE', '0', 0, '', 0]);
    expect(await member.redis.dbsize()).toBe(before);
  });

  it('tells the exclusive holder, what is left of its lease, and the token to the last digit', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', exact, 5000));
    expect(await member.vote(inspect(name))).toEqual(['STATE', String(exact), 0, 'h', expect.any(Number)]);
    const { left } = await member.state(name);
    expect(left).toBeGreaterThan(4000);
    expect(left).toBeLessThanOrEqual(5000);
  });

  it('tells no holder once the lease has ended, but the token', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', exact, 1));
    await member.passed(1);
    expect(await member.vote(inspect(name))).toEqual(['STATE', String(exact), 0, '', 0]);
  });

  it('tells each shared holder with what is left, but none whose lease has ended', async () => {
    const name = member.name();
    await member.votes(acquireShared(name, 'r1', exact, 9000), acquireShared(name, 'r2', exact + 1, 1));
    await member.vote(acquireShared(name, 'r3', exact + 2, 5000));
    await member.passed(1);
    const { readers, token } = await member.state(name);
    expect([...readers.keys()].sort()).toEqual(['r1', 'r3']);
    expect(readers.get('r1')).toBeGreaterThan(8000);
    expect(readers.get('r3')).toBeLessThanOrEqual(5000);
    expect(token).toBe(exact + 2);
  });

  it('tells how many wait', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', exact));
    for (const waiter of ['a', 'b', 'c']) await member.vote(ask(name, waiter, 'exclusive', 't:inbox:none'));
    expect((await member.state(name)).waiting).toBe(3);
  });

  it('changes nothing, not even how long a key is kept', async () => {
    const name = member.name();
    await member.votes(acquire(name, 'h', exact), release(name, 'h'));
    await member.redis.pexpire(member.record(name), 5000);
    const before = await member.redis.dump(member.record(name));
    await member.vote(inspect(name));
    expect(await member.redis.dump(member.record(name))).toBe(before);
    expect(await member.redis.pttl(member.record(name))).toBeLessThanOrEqual(5000);
  });
});
