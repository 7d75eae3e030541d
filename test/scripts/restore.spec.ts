import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadVotingScript } from '../../lib/quorum/scripts.js';
import { acquire, acquireShared, ask, extend, LockMember, release, retention } from '../support/lock-member.js';

const folder = new URL('../../lib/lock/lua/', import.meta.url);
const exportScript = loadVotingScript(new URL('export.lua', folder));
const restoreScript = loadVotingScript(new URL('restore.lua', folder));

const exact = 1_632_345_678_901_237;
const client = 'client-1';
const longestLease = 60_000;

let member: LockMember;
beforeAll(async () => {
  member = await LockMember.start();
});
afterAll(() => member[Symbol.asyncDispose]());

/** What one member knows of locks. */
function exported(names: readonly string[], marked: 'marked' | 'any' = 'marked'): Promise<unknown> {
  const { marker } = member.groupKeys;
  const keys = [marker, ...names.map((name) => member.record(name)), ...names.map((name) => member.readers(name))];
  return member.run(exportScript, keys, [member.runId, marked, names.length, longestLease]);
}

/** Restores what a source reported of one lock. */
function restore(name: string, report: readonly (string | number)[], by = client): Promise<unknown> {
  const { marker, ticket } = member.groupKeys;
  const keys = [marker, ticket, member.record(name), member.readers(name)];
  return member.run(restoreScript, keys, [member.runId, by, retention, ...report]);
}

const exclusive = (holder: string, left: number, token: number) => [holder, left, token, 0];
const shared = (token: number, ...readers: (string | number)[]) => ['-', 0, 0, token, ...readers];
const free = (token: number, sharedToken = 0) => ['-', 0, token, sharedToken];

describe('export', () => {
  it("tells a record that cannot be read as nobody's for the longest lease, and the others as they are", async () => {
    const [garbage, wrongType, fine] = [member.name(), member.name(), member.name()];
    await member.votes(acquire(fine, 'h', exact, 9000));
    await member.redis.set(member.record(garbage), 'garbage');
    await member.redis.lpush(member.record(wrongType), 'garbage');
    const [first, second, third] = (await exported([garbage, wrongType, fine])) as string[][];
    expect(first).toEqual(['-', String(longestLease), '0', '0']);
    expect(second).toEqual(first);
    expect(third![0]).toBe('h');
  });

  it('tells what the member knows of each lock, tokens to the last digit', async () => {
    const [held, read, past, never] = [member.name(), member.name(), member.name(), member.name()];
    await member.votes(
      acquire(held, 'h', exact, 9000),
      acquireShared(read, 'r1', exact + 1, 9000),
      acquireShared(read, 'r2', exact + 2, 5000),
      acquire(past, 'p', exact + 3),
      release(past, 'p'),
    );
    const number = expect.stringMatching(/^\d+$/);
    expect(await exported([held, read, past, never])).toEqual([
      ['h', number, String(exact), '0'],
      ['-', '0', '0', String(exact + 2), 'r2', number, 'r1', number],
      [expect.any(String), '0', String(exact + 3), '0'],
      ['-', '0', '0', '0'],
    ]);
  });

  it('tells what is left of leases in ms, and leaves out readers whose lease has ended', async () => {
    const name = member.name();
    await member.votes(acquireShared(name, 'long', exact, 9000), acquireShared(name, 'short', exact + 1, 1));
    await member.passed(1);
    const [report] = (await exported([name])) as string[][];
    expect(report!.slice(4)).toEqual(['long', expect.any(String)]);
    expect(Number(report![5])).toBeGreaterThan(8000);
    expect(Number(report![5])).toBeLessThanOrEqual(9000);
  });

  it('is answered REJOIN by a member that does not vote itself, unless all are asked after a majority restart', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', exact));
    await member.redis.del(member.groupKeys.marker);
    expect(await exported([name])).toBe('REJOIN');
    expect(await exported([name], 'any')).toEqual([['h', expect.any(String), String(exact), '0']]);
    await member.redis.set(member.groupKeys.marker, 'run-id-of-an-earlier-life');
    expect(await exported([name])).toBe('REJOIN');
    await member.mark();
  });

  it('changes nothing', async () => {
    const name = member.name();
    await member.vote(acquire(name, 'h', exact));
    const before = [await member.redis.dbsize(), await member.redis.dump(member.record(name))];
    await exported([name, member.name()]);
    expect([await member.redis.dbsize(), await member.redis.dump(member.record(name))]).toEqual(before);
  });
});

describe('restore', () => {
  beforeEach(async () => {
    await member.redis.del(member.groupKeys.marker);
    await member.redis.set(member.groupKeys.ticket, client);
  });
  afterEach(() => member.mark());

  /** The lock as the member shows it once it votes again. */
  async function stateOf(name: string) {
    await member.mark();
    const state = await member.state(name);
    await member.redis.del(member.groupKeys.marker);
    return state;
  }

  it('brings back a lease that one source reports, with holder, token and time left (S07)', async () => {
    const name = member.name();
    expect(await restore(name, exclusive('h', 5000, exact))).toBe('RESTORED');
    const { holder, token, left } = await stateOf(name);
    expect([holder, token]).toEqual(['h', exact]);
    expect(left).toBeGreaterThan(4000);
    expect(left).toBeLessThanOrEqual(5000);
    await member.mark();
    expect(await member.vote(acquire(name, 'other', exact + 1))).toEqual(['HELD', expect.any(Number), 0]);
    expect(await member.vote(extend(name, 'h', exact))).toBe('EXTENDED');
  });

  it('brings back the token of a lock that nobody holds (S07)', async () => {
    const name = member.name();
    await restore(name, free(exact));
    await member.mark();
    expect(await member.votes(acquire(name, 'h', exact), acquire(name, 'h', exact + 1))).toEqual([
      ['STALE', String(exact)],
      'GRANTED',
    ]);
  });

  it('brings back what export told, to the last digit', async () => {
    const [held, read, copyOfHeld, copyOfRead] = [member.name(), member.name(), member.name(), member.name()];
    await member.mark();
    await member.votes(
      acquire(held, 'h', exact, 60_000),
      acquireShared(read, 'r1', exact + 1, 60_000),
      acquireShared(read, 'r2', exact + 2, 60_000),
    );
    const reports = (await exported([held, read])) as string[][];
    await member.redis.del(member.groupKeys.marker);
    await restore(copyOfHeld, reports[0]!);
    await restore(copyOfRead, reports[1]!);
    expect(await stateOf(copyOfHeld)).toMatchObject({ holder: 'h', token: exact });
    const copy = await stateOf(copyOfRead);
    expect(copy).toMatchObject({ holder: '', token: exact + 2 });
    expect([...copy.readers.keys()].sort()).toEqual(['r1', 'r2']);
  });

  it('gives a lease of one holder the longest time that a source reports, in any order', async () => {
    for (const lefts of [
      [2000, 9000, 5000],
      [9000, 2000, 5000],
    ]) {
      const name = member.name();
      for (const left of lefts) await restore(name, exclusive('h', left, exact));
      const state = await stateOf(name);
      expect(state.holder).toBe('h');
      expect(state.left).toBeGreaterThan(8000);
      expect(state.left).toBeLessThanOrEqual(9000);
    }
  });

  it('makes a lease that sources give to different holders nobody’s, until the latest of their ends (S08)', async () => {
    for (const reports of [
      [exclusive('a', 2000, 100), exclusive('b', 9000, 101)],
      [exclusive('b', 9000, 101), exclusive('a', 2000, 100)],
      [exclusive('a', 2000, 100), exclusive('b', 9000, 101), exclusive('a', 3000, 100)],
      [exclusive('b', 9000, 101), exclusive('-', 2000, 100)],
    ]) {
      const name = member.name();
      for (const report of reports) await restore(name, report);
      const state = await stateOf(name);
      expect([state.holder, state.token]).toEqual(['-', 101]);
      expect(state.left).toBeGreaterThan(8000);
      await member.mark();
      for (const holder of ['a', 'b', 'c']) {
        expect(await member.vote(acquire(name, holder, exact))).toEqual(['HELD', expect.any(Number), 0]);
        expect(await member.vote(extend(name, holder, exact))).toEqual(['LOST', 0]);
        expect(await member.vote(release(name, holder))).toBe('ABSENT');
      }
      await member.redis.del(member.groupKeys.marker);
    }
  });

  it('makes a lease that is exclusive here and shared there nobody’s, in any order (S08)', async () => {
    for (const reports of [
      [exclusive('a', 2000, 100), shared(101, 'r', 9000)],
      [shared(101, 'r', 9000), exclusive('a', 2000, 100)],
      [exclusive('a', 9000, 100), shared(101, 'r', 2000), shared(101, 'r', 2000)],
    ]) {
      const name = member.name();
      for (const report of reports) await restore(name, report);
      const state = await stateOf(name);
      expect([state.holder, [...state.readers]]).toEqual(['-', []]);
      expect(state.left).toBeGreaterThan(8000);
      await member.mark();
      expect(await member.vote(acquireShared(name, 'r', exact))).toEqual(['HELD', expect.any(Number), 0]);
      await member.redis.del(member.groupKeys.marker);
    }
  });

  it('does not take a lease that has ended for a conflict', async () => {
    const name = member.name();
    await restore(name, exclusive('a', 0, 100));
    await restore(name, exclusive('b', 5000, 101));
    expect(await stateOf(name)).toMatchObject({ holder: 'b', token: 101 });
  });

  it('brings back every shared holder that a source reports, each with its longest time (S07)', async () => {
    const name = member.name();
    await restore(name, shared(100, 'r1', 2000, 'r2', 9000));
    await restore(name, shared(102, 'r1', 5000, 'r3', 3000));
    await restore(name, shared(101, 'r2', 1000));
    const { readers, token } = await stateOf(name);
    expect([...readers.keys()].sort()).toEqual(['r1', 'r2', 'r3']);
    expect(readers.get('r1')).toBeGreaterThan(4000);
    expect(readers.get('r2')).toBeGreaterThan(8000);
    expect(token).toBe(102);
    await member.mark();
    const [word, waitMs] = (await member.vote(acquire(name, 'w', exact))) as [string, number];
    expect(word).toBe('HELD');
    expect(waitMs).toBeGreaterThan(8000);
  });

  it('lets tokens only go up, whatever the order of the sources (S02)', async () => {
    for (const tokens of [
      [exact, exact + 7, exact + 3],
      [exact + 7, exact, exact + 3],
    ]) {
      const name = member.name();
      for (const token of tokens) await restore(name, free(token));
      expect((await stateOf(name)).token).toBe(exact + 7);
      const other = member.name();
      for (const token of tokens) await restore(other, free(0, token));
      expect((await stateOf(other)).token).toBe(exact + 7);
    }
  });

  it('merges into what the member itself still holds of an earlier life', async () => {
    const name = member.name();
    await member.mark();
    await member.vote(acquire(name, 'old', exact, 60_000));
    await member.redis.del(member.groupKeys.marker);
    await restore(name, exclusive('new', 2000, exact + 1));
    const state = await stateOf(name);
    expect(state).toMatchObject({ holder: '-', token: exact + 1 });
    expect(state.left).toBeGreaterThan(50_000);
  });

  it('may be done again with the same report without changing holder, token or readers', async () => {
    for (const report of [exclusive('h', 60_000, exact), shared(exact, 'r1', 60_000, 'r2', 60_000), free(exact)]) {
      const name = member.name();
      await restore(name, report);
      const { left: _, ...before } = await stateOf(name);
      await restore(name, report);
      const { left: __, ...after } = await stateOf(name);
      expect(after).toMatchObject({ holder: before.holder, token: before.token });
      expect([...after.readers.keys()]).toEqual([...before.readers.keys()]);
    }
  });

  it('is refused once the member votes, and changes nothing then (S09)', async () => {
    const name = member.name();
    await member.mark();
    await member.vote(acquire(name, 'h', exact, 60_000));
    const before = await member.redis.dump(member.record(name));
    expect(await restore(name, exclusive('other', 90_000, exact + 1))).toBe('REFUSED');
    expect(await restore(name, shared(exact + 1, 'r', 90_000))).toBe('REFUSED');
    expect(await member.redis.dump(member.record(name))).toBe(before);
    expect(await member.redis.exists(member.readers(name))).toBe(0);
  });

  it.each([
    ['gone', undefined],
    ['another client’s', 'client-2'],
  ])('is refused when the ticket is %s, and changes nothing then (S09)', async (_, ticket) => {
    await member.redis.del(member.groupKeys.ticket);
    if (ticket !== undefined) await member.redis.set(member.groupKeys.ticket, ticket);
    const name = member.name();
    expect(await restore(name, exclusive('h', 5000, exact))).toBe('REFUSED');
    expect(await member.redis.exists(member.record(name), member.readers(name))).toBe(0);
  });

  it('of a line of waiters is none: they ask again', async () => {
    const name = member.name();
    await member.mark();
    await member.votes(acquire(name, 'h', exact), ask(name, 'w', 'exclusive', 't:inbox:none'));
    const [report] = (await exported([name])) as string[][];
    await member.redis.del(member.groupKeys.marker);
    const copy = member.name();
    await restore(copy, report!);
    expect((await stateOf(copy)).waiting).toBe(0);
  });
});
