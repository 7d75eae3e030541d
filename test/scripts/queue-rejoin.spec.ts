import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { brokenInvariants } from '../support/queue-invariants.js';
import { messageId, QueueMember, record } from '../support/queue-member.js';

const ticket = 'ticket-1';

let source: QueueMember;
let member: QueueMember;
let queue: string;
let now: number;
let ids: string[];
beforeAll(async () => {
  source = await QueueMember.start();
  member = await QueueMember.start();
});
beforeEach(async () => {
  queue = `${source.name()}-${Math.floor(performance.now())}`;
  now = await member.timeUs();
  ids = Array.from({ length: 6 }, (_, index) => messageId(now + index));
  await member.redis.del(member.groupKeys.marker);
  await member.redis.set(member.groupKeys.ticket, ticket);
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await member[Symbol.asyncDispose]();
});

/** What a source tells of one message; a lease in ms. */
interface Report {
  readonly id: string;
  readonly where?: string;
  readonly ms?: number;
  readonly lease?: number;
  readonly state?: string;
  readonly record?: string;
}

async function merge(...reports: Report[]): Promise<unknown> {
  const args = reports.flatMap(({ id, where = 'R', ms = 0, lease = 0, state = '', record: text = record() }) => [
    id,
    where,
    ms,
    lease,
    state,
    text,
  ]);
  const answer = await member.merge(queue, ticket, 'messages', ...args);
  await admitted();
  expect(await brokenInvariants(member, queue)).toEqual([]);
  return answer;
}

/** So that it answers requests. */
async function admitted(): Promise<void> {
  await member.mark();
}

async function forgets(): Promise<void> {
  await member.redis.del(member.groupKeys.marker);
}

describe('export', () => {
  it('is answered REJOIN by a member that does not vote, unless all are asked', async () => {
    expect(await member.export(queue, 'marked', 'names')).toBe('REJOIN');
    expect(await member.export(queue, 'any', 'names')).toEqual([]);
    expect(Number(await member.export(queue, 'any', 'time'))).toBeGreaterThanOrEqual(now);
  });

  it('tells every live message with its place, lease and state', async () => {
    const [ready, delayed, leased, dead, ended, resting] = ids as [string, string, string, string, string, string];
    await source.put(queue, ...ids.map((id) => ({ id, delay: id === delayed ? 60_000 : 0, record: record(id) })));
    await source.confirm(queue, 60_000, { id: leased, token: 7 });
    await source.confirm(queue, 1, { id: ended, token: 8 });
    for (const id of [dead, resting]) await source.confirm(queue, 60_000, { id, token: 9 });
    await source.reject(queue, { id: dead, reason: 'why' });
    await source.nack(queue, { id: resting, delay: 60_000 });
    await source.passed(1);
    const [next, ...told] = (await source.export(queue, 'marked', 'records', 0, 100)) as [string, ...string[][]];
    expect(next).toBe('0');
    const by = new Map(told.map((one) => [one[0], one]));
    const shown = ids.map((id) => {
      const [, where, ms, lease, state, text] = by.get(id)!;
      expect(text).toBe(record(id));
      return [where, Number(ms) > 0, Number(lease) > 0, state];
    });
    expect(shown).toEqual([
      ['R', false, false, ''],
      ['Y', true, false, ''],
      ['R', false, true, '7 1 L h '],
      ['X', true, false, '9 1 X h \nwhy'],
      ['R', false, false, '8 1 L h '],
      ['Y', true, false, '9 1 W h '],
    ]);
    expect(ready).toBe(ids[0]);
  });

  it('tells states of what it never had, tombstones and what is done, page by page', async () => {
    await source.confirm(queue, 60_000, { id: ids[0]!, token: 5, group: 'g' });
    await source.put(queue, { id: ids[3]! }, { id: ids[4]! });
    await source.spread(queue, ids[4]!, ids[5]!);
    const [next, ...states] = (await source.export(queue, 'marked', 'states', 0, 10)) as [string, ...string[][]];
    expect(next).toBe('');
    expect(states.map(([id, where, , , state]) => [id, where, state])).toEqual([[ids[0], 'R', '5 1 L h g']]);
    expect(Number(states[0]![3])).toBeGreaterThan(10);
    expect(await source.export(queue, 'marked', 'tombstones', 0, 10)).toEqual(['', ids[4], ids[5]]);
    const [more, ...page] = (await source.export(queue, 'marked', 'tombstones', 0, 2)) as [string, ...string[]];
    expect([Number(more), page]).toEqual([now + 4, [ids[4]]]);
    await source.raiseFloor(queue, now + 3);
    const asked = [...ids, messageId(now - 1)];
    expect(await source.export(queue, 'marked', 'done', ...asked)).toEqual([
      ...ids.slice(0, 3),
      ids[4],
      ids[5],
      messageId(now - 1),
    ]);
  });

  it('only names large messages, and tells them when asked, at least one', async () => {
    const large = record('x'.repeat(150_000));
    await source.put(queue, ...ids.map((id) => ({ id, record: large })));
    const [, ...told] = (await source.export(queue, 'marked', 'records', 0, 100)) as [string, ...string[][]];
    expect(told.filter(({ length }) => length === 6)).toHaveLength(2);
    expect(told.filter(({ length }) => length === 1)).toHaveLength(4);
    await source.spread(queue, ids[0]!);
    const contents = (await source.export(queue, 'marked', 'contents', ...ids)) as string[][];
    expect(contents.map(({ length }) => length)).toEqual([1, 6, 6]);
    expect(contents[1]![5]).toBe(large);
  });
});

describe('merge', () => {
  it('is refused once the member votes, and under another ticket (S09)', async () => {
    expect(await member.merge(queue, 'another', 'messages', ids[0]!, 'R', 0, 0, '', record())).toBe('REFUSED');
    await admitted();
    for (const args of [
      ['messages', ids[0]!, 'R', 0, 0, '', record()],
      ['done', ids[0]!],
      ['facts', queue, now, now, 1],
      ['walk', 0, 10],
    ] as const) {
      const [verb, ...rest] = args;
      expect(await member.merge(queue, ticket, verb, ...rest)).toBe('REFUSED');
    }
    expect(await member.redis.keys(`*${queue}`)).toEqual([]);
  });

  it('stores messages with their places and states', async () => {
    expect(
      await merge(
        { id: ids[0]! },
        { id: ids[1]!, where: 'Y', ms: 60_000 },
        { id: ids[2]!, lease: 20_000, state: '7 2 L h ' },
        { id: ids[3]!, where: 'X', ms: 900, state: '8 3 X h \nwhy' },
        { id: ids[4]!, state: '9 1 L h ' },
      ),
    ).toBe('MERGED');
    expect(await member.places(queue, ...ids)).toBe('RYLXRU');
    expect(await member.state(queue, ids[2]!)).toMatchObject({ token: 7, counted: 2, kind: 'L', holder: 'h' });
    expect(await member.leaseLeft(queue, ids[2]!)).toBeGreaterThan(10);
    expect(await member.state(queue, ids[3]!)).toMatchObject({ token: 8, reason: 'why' });
    // a lease that ended may still be settled by its holder
    expect(await member.ack(queue, { id: ids[2]! }, { id: ids[4]! })).toBe('AA');
  });

  it('keeps what is done, whatever another source says (S25)', async () => {
    await member.merge(queue, ticket, 'done', ids[0]!);
    await member.merge(queue, ticket, 'messages', ids[1]!, 'R', 0, 0, '', record());
    await member.merge(queue, ticket, 'done', ids[1]!);
    await merge({ id: ids[0]! }, { id: ids[1]! });
    expect(await member.places(queue, ids[0]!, ids[1]!)).toBe('DD');
    expect(await member.put(queue, { id: ids[0]! })).toBe('D');
  });

  it('raises floors and the put floor, and never lowers them (S28)', async () => {
    await member.merge(queue, ticket, 'facts', queue, now, now + 50, 9);
    await member.merge(queue, ticket, 'facts', queue, now - 10, now, 8);
    await admitted();
    expect(await member.places(queue, messageId(now - 1), messageId(now))).toBe('DU');
    expect(await member.put(queue, { id: messageId(now + 49) })).toBe('O');
    expect(await member.export(queue, 'marked', 'facts', 0)).toEqual([`${now}`, `${now + 50}`, '9']);
    expect(await member.export(queue, 'marked', 'names')).toContain(queue);
  });

  it('drops tombstones that came from below the floor with the next raise', async () => {
    await member.merge(queue, ticket, 'done', ids[0]!, ids[1]!);
    await member.merge(queue, ticket, 'messages', ids[2]!, 'R', 0, 0, '', record());
    await member.merge(queue, ticket, 'facts', queue, now + 10, now + 10, 0);
    await admitted();
    await member.raiseFloor(queue, now + 11);
    expect(await member.redis.zrange(member.key(queue, 'seen'), '0', '-1')).toEqual([ids[2]]);
  });

  it('walks through its own messages', async () => {
    await member.merge(queue, ticket, 'messages', ids[0]!, 'R', 0, 0, '', record());
    expect(await member.merge(queue, ticket, 'walk', 0, 100)).toEqual(['0', ids[0]]);
  });

  it('keeps a lease to its latest end when all give it to one holder', async () => {
    await merge({ id: ids[0]!, lease: 60_000, state: '7 1 L h ' }, { id: ids[0]!, lease: 20_000, state: '7 1 L h ' });
    expect(await member.leaseLeft(queue, ids[0]!)).toBeGreaterThan(30_000);
    expect(await member.confirm(queue, 60_000, { id: ids[0]!, token: 7 })).toEqual(['G']);
  });

  it('makes a lease that is reported with different holders nobody’s until the latest end (S08)', async () => {
    await merge(
      { id: ids[0]!, lease: 20_000, state: '7 1 L h ' },
      { id: ids[0]!, lease: 60_000, state: '8 1 L i ' },
      { id: ids[0]!, lease: 20_000, state: '7 1 L h ' },
    );
    expect(await member.state(queue, ids[0]!)).toMatchObject({ token: 8, holder: '-' });
    for (const holder of ['h', 'i', 'j']) {
      const [word] = await member.confirm(queue, 1000, { id: ids[0]!, token: 99, holder });
      expect(Number(word!.slice(1))).toBeGreaterThan(30_000);
      expect(await member.ack(queue, { id: ids[0]!, holder })).toBe('R');
    }
  });

  it('keeps a lease that only one source reports, and the higher token of another', async () => {
    for (const [index, reports] of [
      [{ lease: 60_000, state: '7 1 L h ' }, { state: '9 2 N i ' }],
      [{ state: '9 2 N i ' }, { lease: 60_000, state: '7 1 L h ' }],
    ].entries()) {
      await forgets();
      const id = ids[index]!;
      await merge(...reports.map((report) => ({ id, ...report })));
      expect(await member.state(queue, id)).toMatchObject({ token: 9, counted: 2, kind: 'L', holder: 'h' });
      expect(await member.leaseLeft(queue, id)).toBeGreaterThan(30_000);
    }
  });

  it('keeps a dead letter dead though its lease is reported besides, and refuses a redrive until that ends', async () => {
    for (const [index, reports] of [
      [
        { lease: 60_000, state: '9 1 L i ' },
        { where: 'X', state: '7 1 X h \nno' },
      ],
      [
        { where: 'X', state: '7 1 X h \nno' },
        { lease: 60_000, state: '9 1 L i ' },
      ],
    ].entries()) {
      await forgets();
      const id = ids[index]!;
      await merge(...reports.map((report) => ({ id, ...report })));
      expect(await member.state(queue, id)).toMatchObject({ token: 9, kind: 'X' });
      expect(await member.places(queue, id)).toBe('X');
      expect(await member.confirm(queue, 1000, { id, token: 99, holder: 'j' })).toEqual(['X']);
      expect(await member.redrive(queue, { id, counted: 1_000_000 })).toBe('L');
      const redriven = { id, token: 99, holder: 'j', counted: 1_000_001 };
      expect(await member.confirm(queue, 1000, redriven)).toEqual([expect.stringMatching(/^L\d+$/)]);
      // and tells so when it is asked as a source itself
      const contents = (await member.export(queue, 'marked', 'contents', id)) as string[][];
      expect(contents[0]![1]).toBe('X');
      expect(Number(contents[0]![3])).toBeGreaterThan(30_000);
      await member.redis.zadd(member.key(queue, 'leased'), 1, id);
      await member.lease(queue);
      expect(await member.redrive(queue, { id, counted: 1_000_000 })).toBe('A');
      expect(await member.places(queue, id)).toBe('R');
    }
  });

  it('takes a redrive over a dead letter from before it, and a dead letter from after it', async () => {
    const dead = { where: 'X', state: '7 5 X h \nno' };
    const redriven = { state: '6 1000000 N - ' };
    const deadAgain = { where: 'X', state: '8 1000001 X i \nagain' };
    await merge({ id: ids[0]!, ...dead }, { id: ids[0]!, ...redriven });
    await forgets();
    await merge({ id: ids[1]!, ...redriven }, { id: ids[1]!, ...dead });
    await forgets();
    await merge({ id: ids[2]!, ...redriven }, { id: ids[2]!, ...deadAgain }, { id: ids[2]!, ...dead });
    expect(await member.places(queue, ids[0]!, ids[1]!, ids[2]!)).toBe('RRX');
    expect(await member.state(queue, ids[1]!)).toMatchObject({ token: 7, counted: 1_000_000 });
    expect(await member.state(queue, ids[2]!)).toMatchObject({ token: 8, counted: 1_000_001, reason: 'again' });
  });

  it('keeps a state without a record, and its lease', async () => {
    await merge({ id: ids[0]!, lease: 60_000, state: '7 1 L h g', record: '' });
    expect(await member.confirm(queue, 1000, { id: ids[1]!, token: 9, holder: 'i', group: 'g' })).toEqual([
      expect.stringMatching(/^L\d+$/),
    ]);
    expect(await member.confirm(queue, 1000, { id: ids[0]!, token: 7, group: 'g' })).toEqual(['B']);
    await member.put(queue, { id: ids[0]!, record: record('', { group: 'g' }) });
    expect(await member.places(queue, ids[0]!)).toBe('L');
    expect(await member.ack(queue, { id: ids[0]! })).toBe('A');
  });

  it('counts what the member itself still has as one more report', async () => {
    await admitted();
    await member.put(queue, { id: ids[0]! }, { id: ids[1]! });
    await member.confirm(queue, 60_000, { id: ids[0]!, token: 5, holder: 'old' }, { id: ids[1]!, token: 9 });
    await forgets();
    await merge({ id: ids[0]!, lease: 20_000, state: '7 1 L h ' }, { id: ids[1]!, state: '7 3 N - ' });
    expect(await member.state(queue, ids[0]!)).toMatchObject({ token: 7, holder: '-' });
    expect(await member.state(queue, ids[1]!)).toMatchObject({ token: 9, counted: 3, kind: 'L', holder: 'h' });
  });
});

describe('merge of a group', () => {
  const grouped = (id: string): string => record(id, { group: 'g' });

  it('keeps its message that is leased as head, in whatever order the messages come', async () => {
    const reports = [
      { id: ids[0]!, record: grouped(ids[0]!) },
      { id: ids[1]!, record: grouped(ids[1]!), lease: 60_000, state: '7 1 L h g' },
      { id: ids[2]!, record: grouped(ids[2]!) },
    ];
    await merge(...reports);
    expect(await member.leaseIds(queue, { count: 9 })).toEqual([]);
    expect(await member.confirm(queue, 1000, { id: ids[0]!, token: 9, holder: 'i', group: 'g' })).toEqual([
      expect.stringMatching(/^L\d+$/),
    ]);
    await member.ack(queue, { id: ids[1]! });
    expect(await member.leaseIds(queue, { count: 9 })).toEqual([ids[0]]);
  });

  it('is leased to nobody when leases of two of its messages are reported (S08)', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      await forgets();
      await member.redis.del(...(await member.redis.keys(`*${queue}`)), 'none');
      const reports = [
        { id: ids[0]!, record: grouped(ids[0]!), lease: 20_000, state: '8 1 L h g' },
        { id: ids[1]!, record: grouped(ids[1]!), lease: 60_000, state: '7 1 L i g' },
      ];
      await merge(...order.map((index) => reports[index]!));
      const words = await member.confirm(
        queue,
        1000,
        { id: ids[0]!, token: 8, holder: 'h', group: 'g' },
        { id: ids[1]!, token: 7, holder: 'i', group: 'g' },
      );
      expect(words.map((word) => word[0])).toEqual(['L', 'L']);
    }
  });

  it('waits for its message that waits for the next attempt', async () => {
    await merge(
      { id: ids[0]!, record: grouped(ids[0]!) },
      { id: ids[1]!, record: grouped(ids[1]!), where: 'Y', ms: 60_000, state: '7 1 N h g' },
    );
    expect(await member.leaseIds(queue, { count: 9 })).toEqual([]);
  });

  it('is still known of a message that is leased here without its record, whatever a source does not tell of it', async () => {
    await admitted();
    await member.put(queue, { id: ids[1]!, record: grouped(ids[1]!) });
    await member.confirm(queue, 60_000, { id: ids[0]!, token: 7, group: 'g' });
    await forgets();
    await merge({ id: ids[0]!, record: '' });
    expect(await member.leaseIds(queue, { count: 9 })).toEqual([]);
    await member.spread(queue, ids[0]!);
    expect(await brokenInvariants(member, queue)).toEqual([]);
    expect(await member.leaseIds(queue, { count: 9 })).toEqual([ids[1]]);
  });
});
