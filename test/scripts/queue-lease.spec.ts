import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { messageId, QueueMember, record } from '../support/queue-member.js';

/** Ends in a digit that a number written with 14 digits would lose. */
const exact = 1_632_345_678_901_237;

let member: QueueMember;
let queue: string;
let ids: string[];
beforeAll(async () => {
  member = await QueueMember.start();
});
beforeEach(async () => {
  queue = member.name();
  const now = await member.timeUs();
  ids = Array.from({ length: 5 }, (_, index) => messageId(now + index));
});
afterAll(() => member[Symbol.asyncDispose]());

describe('lease, as home', () => {
  it('leases the first ones by priority, then creation, then id', async () => {
    const twins = ['AAAAAAAA', 'BBBBBBBB'].map((suffix) => messageId(Number(ids[4]!.slice(0, 16)) + 1, suffix));
    await member.put(
      queue,
      { id: twins[1]! },
      { id: twins[0]! },
      { id: ids[2]! },
      { id: ids[1]! },
      { id: ids[4]!, record: record('', { priority: -1 }) },
      { id: ids[0]!, record: record('', { priority: 10 }) },
      { id: ids[3]!, record: record('', { priority: -1_000_000 }) },
    );
    const order = [ids[3], ids[4], ids[1], ids[2], ...twins, ids[0]];
    expect(await member.leaseIds(queue, { count: 3 })).toEqual(order.slice(0, 3));
    expect(await member.leaseIds(queue, { count: 100 })).toEqual(order.slice(3));
    expect(await member.leaseIds(queue)).toEqual([]);
  });

  it('tells each with its record, token and attempt, to the last digit', async () => {
    await member.put(queue, { id: ids[0]!, record: record('one') }, { id: ids[1]!, record: record('two') });
    expect(await member.lease(queue, { token: exact, count: 2 })).toEqual([
      { id: ids[0], token: exact, counted: 1, record: record('one') },
      { id: ids[1], token: exact, counted: 1, record: record('two') },
    ]);
    expect(await member.state(queue, ids[0]!)).toMatchObject({ token: exact, kind: 'L', holder: 'h' });
    expect(await member.leaseLeft(queue, ids[0]!)).toBeGreaterThan(45_000);
  });

  it('goes above the last token of a message, whatever it is asked for', async () => {
    await member.put(queue, { id: ids[0]! });
    await member.lease(queue, { token: exact });
    await member.nack(queue, { id: ids[0]! });
    expect(await member.lease(queue, { token: 5, holder: 'i' })).toMatchObject([{ token: exact + 1, counted: 2 }]);
    await member.nack(queue, { id: ids[0]!, holder: 'i', isFree: true });
    expect(await member.lease(queue, { token: exact + 10 })).toMatchObject([{ token: exact + 10, counted: 2 }]);
  });

  it('leases again what was leased and whose lease ended, with the next attempt', async () => {
    await member.put(queue, { id: ids[0]! });
    await member.lease(queue, { token: exact });
    expect(await member.leaseIds(queue, { holder: 'i' })).toEqual([]);
    await member.letEnd(queue, ids[0]!);
    expect(await member.lease(queue, { holder: 'i' })).toMatchObject([{ id: ids[0], token: exact + 1, counted: 2 }]);
  });

  it('tells when to look again: at the end of the first lease or delay', async () => {
    expect(await member.lease(queue)).toBe(-1);
    await member.put(queue, { id: ids[0]!, delay: 60_000 }, { id: ids[1]! });
    await member.lease(queue, { ms: 40_000 });
    const wait = await member.lease(queue);
    expect(wait).toBeGreaterThan(20_000);
    expect(wait).toBeLessThanOrEqual(40_000);
    await member.ack(queue, { id: ids[1]! });
    expect(await member.lease(queue)).toBeGreaterThan(40_000);
  });

  it('leases up to a thousand at once, and more in the next round', async () => {
    const now = await member.timeUs();
    const many = Array.from({ length: 1200 }, (_, index) => messageId(now + index));
    await member.put(queue, ...many.map((id) => ({ id })));
    expect(await member.leaseIds(queue, { count: 1000 })).toEqual(many.slice(0, 1000));
    expect(await member.leaseIds(queue, { count: 1000 })).toEqual(many.slice(1000));
  });

  it('bounds the bytes of one answer, and gives at least one however large', async () => {
    const now = await member.timeUs();
    const large = Array.from({ length: 100 }, (_, index) => messageId(now + index));
    for (const id of large) await member.put(queue, { id, record: record('x'.repeat(100_000)) });
    const first = await member.leaseIds(queue, { count: 100 });
    expect(first.length).toBeGreaterThanOrEqual(10);
    expect(first.length).toBeLessThan(20);
    const rest = await member.leaseIds(queue, { count: 100 });
    expect([...first, ...rest]).toEqual(large.slice(0, first.length + rest.length));
    const giant = member.name();
    await member.put(giant, { id: ids[0]!, record: record('x'.repeat(6_000_000)) });
    expect(await member.leaseIds(giant, { count: 10 })).toEqual([ids[0]]);
  });

  it('moves some hundred messages at a time whose time has come', async () => {
    const now = await member.timeUs();
    const many = Array.from({ length: 250 }, (_, index) => messageId(now + index));
    await member.put(queue, ...many.map((id) => ({ id, delay: 1 })));
    await member.passed(1);
    expect(await member.leaseIds(queue, { count: 1000 })).toHaveLength(100);
    expect(await member.leaseIds(queue, { count: 1000 })).toHaveLength(100);
    expect(await member.leaseIds(queue, { count: 1000 })).toHaveLength(50);
  });
});

describe('confirm', () => {
  it('grants what is ready, delayed or given back, and it is leased then', async () => {
    const [ready, delayed, rests] = ids as [string, string, string];
    await member.put(queue, { id: ready }, { id: delayed, delay: 60_000 }, { id: rests });
    await member.confirm(queue, 60_000, { id: rests, token: 1, holder: 'before' });
    // a round that met no quorum: who asks next may meet one
    await member.nack(queue, { id: rests, holder: 'before', delay: 60_000, isFree: true });
    const items = [ready, delayed, rests].map((id) => ({ id, token: exact, counted: 2 }));
    expect(await member.confirm(queue, 60_000, ...items)).toEqual(['G', 'G', 'G']);
    expect(await member.places(queue, ready, delayed, rests)).toBe('LLL');
    expect(await member.state(queue, ready)).toMatchObject({ token: exact, counted: 2, holder: 'h' });
    expect(await member.leaseIds(queue)).toEqual([]);
  });

  it('refuses what waits for its next attempt, and tells for how long; then it grants (S41)', async () => {
    const [id] = ids as [string];
    await member.put(queue, { id });
    await member.confirm(queue, 60_000, { id, token: 1 });
    await member.nack(queue, { id, delay: 30_000 });
    // said again, as after an answer that was lost
    expect(await member.nack(queue, { id, delay: 30_000 })).toBe('A');
    const [word] = await member.confirm(queue, 60_000, { id, token: exact, holder: 'i', counted: 2 });
    expect(word).toMatch(/^W\d+$/);
    expect(Number(word!.slice(1))).toBeGreaterThan(10_000);
    expect(Number(word!.slice(1))).toBeLessThanOrEqual(30_000);
    expect(await member.places(queue, id)).toBe('Y');
    await member.letEnd(queue, id);
    expect(await member.confirm(queue, 60_000, { id, token: exact, holder: 'i' })).toEqual(['G2']);
    expect(await member.places(queue, id)).toBe('L');
  });

  it('leases what it does not know, asks for the record, and keeps token and attempt when the lease is over', async () => {
    const [given, ended] = ids as [string, string];
    expect(await member.confirm(queue, 60_000, { id: given, token: exact })).toEqual(['B']);
    expect(await member.confirm(queue, 5, { id: ended, token: exact })).toEqual(['B']);
    await member.nack(queue, { id: given });
    await member.passed(5);
    await member.lease(queue);
    for (const id of [given, ended]) {
      expect(await member.state(queue, id)).toMatchObject({ token: exact, counted: 1 });
      // a consumer whose home never knew of that delivery
      expect(await member.confirm(queue, 60_000, { id, token: exact, holder: 'i' })).toEqual([`T${exact}`]);
      expect(await member.confirm(queue, 60_000, { id, token: exact + 1, holder: 'i' })).toEqual(['B2']);
    }
  });

  it('refuses what another holds, and tells for how long (S26)', async () => {
    await member.put(queue, { id: ids[0]! });
    await member.confirm(queue, 30_000, { id: ids[0]!, token: 1 });
    const [word] = await member.confirm(queue, 60_000, { id: ids[0]!, token: exact, holder: 'i' });
    expect(word).toMatch(/^L\d+$/);
    expect(Number(word!.slice(1))).toBeGreaterThan(10_000);
    expect(Number(word!.slice(1))).toBeLessThanOrEqual(30_000);
    expect(await member.state(queue, ids[0]!)).toMatchObject({ token: 1, holder: 'h' });
  });

  it('grants it to another once that lease ended', async () => {
    await member.put(queue, { id: ids[0]! });
    await member.confirm(queue, 5, { id: ids[0]!, token: 1 });
    await member.passed(5);
    expect(await member.confirm(queue, 60_000, { id: ids[0]!, token: 2, holder: 'i', counted: 2 })).toEqual(['G']);
  });

  it('refuses a token that is not above the last one, and tells that one to the last digit', async () => {
    await member.put(queue, { id: ids[0]! });
    await member.confirm(queue, 60_000, { id: ids[0]!, token: exact });
    await member.nack(queue, { id: ids[0]! });
    expect(await member.confirm(queue, 60_000, { id: ids[0]!, token: exact, holder: 'i' })).toEqual([`T${exact}`]);
    expect(await member.confirm(queue, 60_000, { id: ids[0]!, token: exact - 1, holder: 'i' })).toEqual([`T${exact}`]);
    expect(await member.confirm(queue, 60_000, { id: ids[0]!, token: exact + 1, holder: 'i' })).toEqual(['G2']);
  });

  it('answers D for tombstones, and for what it does not know below its floor (S25)', async () => {
    const now = await member.timeUs();
    const [done, old, live] = [ids[0]!, messageId(now - 5_000_000), messageId(now - 6_000_000)];
    await member.put(queue, { id: done }, { id: live });
    await member.spread(queue, done);
    await member.raiseFloor(queue, now - 4_000_000);
    const items = [done, old, live].map((id) => ({ id, token: exact }));
    expect(await member.confirm(queue, 60_000, ...items)).toEqual(['D', 'D', 'G']);
    expect(await member.state(queue, old)).toBeUndefined();
  });

  it('answers X for a dead letter, unless it was redriven since', async () => {
    await member.put(queue, { id: ids[0]! });
    await member.lease(queue);
    await member.reject(queue, { id: ids[0]! });
    expect(await member.confirm(queue, 60_000, { id: ids[0]!, token: exact, holder: 'i', counted: 9 })).toEqual(['X']);
    const again = { id: ids[0]!, token: exact, holder: 'i', counted: 1_000_001 };
    expect(await member.confirm(queue, 60_000, again)).toEqual(['G']);
    expect(await member.places(queue, ids[0]!)).toBe('L');
    expect(await member.redis.exists(member.key(queue, 'dead'))).toBe(0);
    expect(await member.state(queue, ids[0]!)).toMatchObject({ kind: 'L', counted: 1_000_001 });
  });

  it('tells its attempt where that is higher, a later redrive before all', async () => {
    await member.put(queue, { id: ids[0]! }, { id: ids[1]! });
    for (let round = 1; round <= 3; round++) {
      await member.lease(queue, { holder: `${round}` });
      await member.nack(queue, { id: ids[0]!, holder: `${round}` });
    }
    expect(await member.confirm(queue, 60_000, { id: ids[0]!, token: exact })).toEqual(['G4']);
    await member.confirm(queue, 60_000, { id: ids[1]!, token: exact, counted: 1_000_001 });
    await member.nack(queue, { id: ids[1]! });
    const items = { id: ids[1]!, token: exact + 1, holder: 'i', counted: 5 };
    expect(await member.confirm(queue, 60_000, items)).toEqual(['G1000002']);
  });

  it('extends for the holder, does not count that, and never shortens', async () => {
    await member.put(queue, { id: ids[0]! });
    await member.lease(queue, { token: 7, ms: 40_000 });
    expect(await member.confirm(queue, 60_000, { id: ids[0]!, token: 7 })).toEqual(['G']);
    expect(await member.leaseLeft(queue, ids[0]!)).toBeGreaterThan(45_000);
    expect(await member.confirm(queue, 200, { id: ids[0]!, token: 7 })).toEqual(['G']);
    expect(await member.leaseLeft(queue, ids[0]!)).toBeGreaterThan(45_000);
    expect(await member.state(queue, ids[0]!)).toMatchObject({ token: 7, counted: 1, holder: 'h' });
  });

  it('extends for the holder after the end of its lease, as long as nobody else had it', async () => {
    await member.put(queue, { id: ids[0]! });
    await member.lease(queue, { token: 7 });
    await member.letEnd(queue, ids[0]!);
    expect(await member.confirm(queue, 60_000, { id: ids[0]!, token: 7 })).toEqual(['G']);
    await member.letEnd(queue, ids[0]!);
    await member.lease(queue, { token: 8, holder: 'i' });
    expect(await member.confirm(queue, 60_000, { id: ids[0]!, token: 7 })).toEqual([expect.stringMatching(/^L/)]);
  });

  it('does not lease anew for a holder that gave it back', async () => {
    await member.put(queue, { id: ids[0]! });
    await member.lease(queue, { token: 7 });
    await member.nack(queue, { id: ids[0]! });
    expect(await member.confirm(queue, 60_000, { id: ids[0]!, token: 7 })).toEqual(['T7']);
    expect(await member.places(queue, ids[0]!)).toBe('R');
  });

  it('decides each of many messages on its own', async () => {
    await member.put(queue, ...ids.map((id) => ({ id })));
    await member.spread(queue, ids[1]!);
    await member.confirm(queue, 60_000, { id: ids[2]!, token: 5, holder: 'other' });
    const items = ids.map((id) => ({ id, token: 9 }));
    const words = await member.confirm(queue, 60_000, ...items);
    expect(words.map((word) => word[0]).join('')).toBe('GDLGG');
  });
});
