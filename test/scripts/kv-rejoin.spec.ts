import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ballotText } from '../../lib/kv/register.js';
import { content, KvMember, promiseMs } from '../support/kv-member.js';

/** Ends in a digit that a number written with 14 digits would lose. */
const exact = 1_632_345_678_901_237;
const client = 'client-1';

let member: KvMember;
let name: string;
beforeAll(async () => {
  member = await KvMember.start();
});
beforeEach(async () => {
  name = member.name();
  await member.redis.del(member.floor, member.due);
});
afterAll(() => member[Symbol.asyncDispose]());

/** A record as `fence` tells it. */
const record = (promised: number, ballot: number, text = content('"v"')) =>
  ballotText(promised) + ballotText(ballot) + text;
const promise = (promised: number) => ballotText(promised) + '0'.repeat(29);

describe('fence', () => {
  it('raises every promise to its ballot, and tells the records as they are then (S20)', async () => {
    const [written, promised, never] = [member.name(), member.name(), member.name()];
    await member.write(written, exact, content('"v"', 5000));
    await member.prepare(promised, exact + 1);
    const known = await member.fence([written, promised, never], exact + 7);
    expect(known).toEqual(['0', record(exact + 7, exact, content('"v"', 5000)), promise(exact + 7), '']);
    expect(await member.accept(promised, exact + 1, exact + 1, content('"late"'))).toBe(`R${ballotText(exact + 7)}`);
    expect(await member.prepare(written, exact + 7)).toBe(`S${ballotText(exact + 7)}`);
    expect(await member.redis.exists(member.record(never))).toBe(0);
  });

  it('voids also a promise above its ballot: the other member may have given the same (S20)', async () => {
    await member.write(name, exact, content('"v"'), exact + 9);
    expect(await member.fence([name], exact + 7)).toEqual(['0', record(exact + 10, exact)]);
    expect(await member.accept(name, exact + 9, exact + 9, content('"late"'))).toBe(`R${ballotText(exact + 10)}`);
  });

  it('goes by its own clock where the ballot is of one that runs ahead', async () => {
    await member.write(name, exact, content('"v"'));
    const [before] = await member.redis.time();
    await member.fence([name], (Number(before) + 3600) * 1e6);
    const promised = (await member.state(name))?.promised;
    expect(promised).toBeGreaterThanOrEqual(Number(before) * 1e6);
    expect(promised).toBeLessThan((Number(before) + 60) * 1e6);
  });

  it('leaves a promise without a content its time', async () => {
    await member.prepare(name, exact);
    await member.redis.pexpire(member.record(name), 3000);
    await member.fence([name], exact + 7);
    const left = await member.redis.pttl(member.record(name));
    expect(left).toBeGreaterThan(2000);
    expect(left).toBeLessThanOrEqual(3000);
  });

  it('tells the floor', async () => {
    await member.redis.set(member.floor, ballotText(exact));
    expect(await member.fence([], exact)).toEqual([ballotText(exact)]);
  });

  it('is answered REJOIN by a member that does not vote, unless all are asked after a majority restart', async () => {
    await member.write(name, exact, content('"v"'));
    await member.redis.del(member.groupKeys.marker);
    expect(await member.fence([name], exact + 7)).toBe('REJOIN');
    expect(await member.state(name)).toMatchObject({ promised: exact });
    expect(await member.fence([name], exact + 7, 'any')).toEqual(['0', record(exact + 7, exact)]);
    await member.mark();
  });
});

describe('a member that is being brought back', () => {
  beforeEach(async () => {
    await member.redis.del(member.groupKeys.marker);
    await member.redis.set(member.groupKeys.ticket, client);
  });
  afterEach(() => member.mark());

  const restore = (floor: number, ...records: string[]) =>
    member.restore(
      records.map(() => name),
      [ballotText(floor), ...records],
      client,
    );

  it('gets what a source tells, and names what is due', async () => {
    const [value, tombstone, never] = [member.name(), member.name(), member.name()];
    const known = [
      ballotText(exact - 9),
      record(exact + 7, exact, content('"v"')),
      record(exact + 7, exact, content(undefined, 4000)),
      '',
    ];
    expect(await member.restore([value, tombstone, never], known, client)).toBe('RESTORED');
    expect(await member.redis.get(member.record(value))).toBe(known[1]);
    expect(await member.redis.get(member.record(tombstone))).toBe(known[2]);
    expect(await member.redis.exists(member.record(never))).toBe(0);
    expect(await member.redis.zrange(member.due, '0', '-1', 'WITHSCORES')).toEqual([member.record(tombstone), '4000']);
    expect(await member.redis.get(member.floor)).toBe(ballotText(exact - 9));
  });

  it('ends with the newest content and the highest promise, whatever the order of the sources', async () => {
    const reports = [
      record(exact + 7, exact, content('"old"', 5000)),
      record(exact + 5, exact + 2, content('"new"')),
      promise(exact + 9),
    ];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      name = member.name();
      for (const index of order) await restore(0, reports[index]!);
      expect(await member.state(name)).toMatchObject({
        promised: exact + 9,
        ballot: exact + 2,
        value: { text: '"new"' },
      });
      expect(await member.redis.zscore(member.due, member.record(name))).toBeNull();
      expect(await member.redis.pttl(member.record(name))).toBe(-1);
    }
  });

  it('keeps a promise without a content for its time only', async () => {
    await restore(0, promise(exact));
    expect(await member.state(name)).toMatchObject({ promised: exact, ballot: 0 });
    const left = await member.redis.pttl(member.record(name));
    expect(left).toBeGreaterThan(promiseMs - 1000);
    expect(left).toBeLessThanOrEqual(promiseMs);
  });

  it('gets the highest floor (S19)', async () => {
    for (const floor of [exact, exact + 3, exact + 1]) await restore(floor);
    expect(await member.redis.get(member.floor)).toBe(ballotText(exact + 3));
  });

  it('loses what it held of an earlier life (S19)', async () => {
    await member.mark();
    await member.write(name, exact, content('"removed since"', 5000));
    await member.redis.del(member.groupKeys.marker);
    expect(await member.clear([name], client)).toBe('CLEARED');
    expect(await member.redis.exists(member.record(name), member.due)).toBe(0);
  });

  it.each([
    ['it votes', client, true],
    ['the ticket is gone', undefined, false],
    ['the ticket is another client’s', 'client-2', false],
  ])('is left alone once %s (S09)', async (_, ticket, isMarked) => {
    await member.mark();
    await member.write(name, exact, content('"v"'));
    if (!isMarked) await member.redis.del(member.groupKeys.marker);
    await member.redis.del(member.groupKeys.ticket);
    if (ticket !== undefined) await member.redis.set(member.groupKeys.ticket, ticket);
    expect(await restore(exact + 9, record(exact + 8, exact + 8, content('"other"')))).toBe('REFUSED');
    expect(await member.clear([name], client)).toBe('REFUSED');
    expect(await member.state(name)).toMatchObject({ promised: exact, value: { text: '"v"' } });
    expect(await member.redis.exists(member.floor)).toBe(0);
  });
});

describe('due', () => {
  const lease = 10_000;
  beforeEach(async () => {
    await member.redis.del(member.groupKeys.of('kv-sweeper', ''));
  });

  it('names what is due by the clock of the member, most urgent first, and no more than asked', async () => {
    const nowMs = Math.floor((await member.timeUs()) / 1000);
    await member.redis.zadd(member.due, nowMs - 10, 'second', nowMs - 20, 'first', nowMs + 60_000, 'later');
    expect(await member.dueNames('a', lease, 10)).toEqual(['first', 'second']);
    expect(await member.dueNames('a', lease, 1)).toEqual(['first']);
  });

  it('names it to one client at a time, and to another when that one is gone', async () => {
    await member.redis.zadd(member.due, 1, 'k');
    expect(await member.dueNames('a', lease, 10)).toEqual(['k']);
    expect(await member.dueNames('b', lease, 10)).toEqual([]);
    expect(await member.dueNames('a', 1, 10)).toEqual(['k']);
    await member.redis.pexpire(member.groupKeys.of('kv-sweeper', ''), 1);
    await member.passed(2);
    expect(await member.dueNames('b', lease, 10)).toEqual(['k']);
  });

  it('takes no ticket when nothing is due', async () => {
    expect(await member.dueNames('a', lease, 10)).toEqual([]);
    await member.redis.zadd(member.due, 1, 'k');
    expect(await member.dueNames('b', lease, 10)).toEqual(['k']);
  });

  it('names nothing while the member does not vote', async () => {
    await member.redis.zadd(member.due, 1, 'k');
    await member.redis.del(member.groupKeys.marker);
    expect(await member.dueNames('a', lease, 10)).toEqual([]);
    await member.mark();
  });
});
