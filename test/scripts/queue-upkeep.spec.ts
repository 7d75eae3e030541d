import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { messageId, QueueMember, record } from '../support/queue-member.js';

let member: QueueMember;
let queue: string;
let now: number;
let ids: [string, string, string, string, string];
beforeAll(async () => {
  member = await QueueMember.start();
});
beforeEach(async () => {
  queue = member.name();
  now = await member.timeUs();
  ids = Array.from({ length: 5 }, (_, index) => messageId(now + index)) as typeof ids;
});
afterAll(() => member[Symbol.asyncDispose]());

const seen = () => member.redis.zrange(member.key(queue, 'seen'), '0', '-1');

describe('scan', () => {
  it('lists what is live in a span, its end excluded, and no tombstones', async () => {
    await member.put(queue, ...ids.map((id) => ({ id })));
    await member.spread(queue, ids[1]);
    expect(await member.scan(queue, now + 4, 0)).toEqual(['0', '', '4', ids[0], ids[2], ids[3]]);
    expect(await member.scan(queue, now + 4, now + 2)).toEqual(['0', '', '2', ids[2], ids[3]]);
  });

  it('begins at the floor when told to, and lists what is live below it when told a number', async () => {
    await member.put(queue, ...ids.map((id) => ({ id })));
    await member.raiseFloor(queue, now + 2);
    expect(await member.scan(queue, now + 5)).toEqual([`${now + 2}`, '', '3', ...ids.slice(2)]);
    expect(await member.scan(queue, now + 5, 0)).toEqual([`${now + 2}`, '', '5', ...ids]);
  });

  it('goes page by page, tombstones counted', async () => {
    await member.put(queue, ...ids.map((id) => ({ id })));
    await member.spread(queue, ids[1]);
    const [, next, , ...first] = await member.scan(queue, now + 5, 0, 2);
    expect([Number(next), first]).toEqual([now + 1, [ids[0]]]);
    const [, last, , ...second] = await member.scan(queue, now + 5, Number(next), 2);
    expect([Number(last), second]).toEqual([now + 2, [ids[2]]]);
    expect(await member.scan(queue, now + 5, now + 4, 2)).toEqual(['0', '', '1', ids[4]]);
  });

  it('makes the queue known to whoever copies from this member, though nothing was ever put (S24)', async () => {
    await member.scan(queue, now);
    expect(await member.export(queue, 'marked', 'names')).toContain(queue);
    expect(await member.export(queue, 'marked', 'facts', 0)).toEqual(['0', `${now}`, '0']);
  });
});

describe('raise floor', () => {
  it('drops tombstones below it, and keeps the others and all that is live', async () => {
    await member.put(queue, ...ids.map((id) => ({ id })));
    await member.spread(queue, ids[0], ids[2], ids[4]);
    expect(await member.raiseFloor(queue, now + 3)).toBe('A');
    expect(await seen()).toEqual([ids[1], ids[3], ids[4]]);
    expect(await member.places(queue, ...ids)).toBe('DRDRD');
  });

  it('never lowers it', async () => {
    await member.raiseFloor(queue, now);
    await member.raiseFloor(queue, now - 10);
    expect(await member.places(queue, messageId(now - 1), messageId(now))).toBe('DU');
  });

  it('drops a thousand at a time and asks to be asked again, each looked at once', async () => {
    const many = Array.from({ length: 2500 }, (_, index) => messageId(now - 10_000 + index));
    for (let at = 0; at < many.length; at += 500) {
      await member.put(queue, ...many.slice(at, at + 500).map((id) => ({ id })));
    }
    await member.spread(queue, ...many.filter((_, index) => index % 5 !== 0));
    expect([await member.raiseFloor(queue, now), await member.raiseFloor(queue, now)]).toEqual(['M', 'M']);
    expect(await member.redis.zcard(member.key(queue, 'seen'))).toBe(900);
    expect(await member.raiseFloor(queue, now)).toBe('A');
    expect(await member.redis.zcard(member.key(queue, 'seen'))).toBe(500);
    expect(await member.raiseFloor(queue, now + 10)).toBe('A');
    // what is done meanwhile below it needs no tombstone
    await member.spread(queue, ...many);
    expect(await seen()).toEqual([]);
  });

  it('drops states of messages that never came here', async () => {
    await member.confirm(queue, 60_000, { id: ids[0], token: 5 }, { id: ids[1], token: 5 }, { id: ids[2], token: 5 });
    await member.nack(queue, { id: ids[1] });
    await member.raiseFloor(queue, now + 2);
    expect(await member.redis.hkeys(member.key(queue, 'states'))).toEqual([ids[2]]);
    expect(await member.redis.zrange(member.key(queue, 'leased'), '0', '-1')).toEqual([ids[2]]);
    expect(await member.redis.zrange(member.key(queue, 'unknown'), '0', '-1')).toEqual([ids[2]]);
  });
});

describe('tell', () => {
  it('tells where a message stands, how long, its token and attempt', async () => {
    await member.put(queue, { id: ids[0] }, { id: ids[1], delay: 60_000 }, { id: ids[2] }, { id: ids[3] });
    await member.confirm(queue, 40_000, { id: ids[2], token: 7 }, { id: ids[3], token: 8, counted: 2 });
    await member.reject(queue, { id: ids[3] });
    const told = await member.tell(queue, [...ids, messageId(now - 1)]);
    expect(told.map(([word, , token, counted]) => [word, token, counted])).toEqual([
      ['R', '0', '0'],
      ['Y', '0', '0'],
      ['L', '7', '1'],
      ['X', '8', '2'],
      ['U', '0', '0'],
      ['U', '0', '0'],
    ]);
    const ms = told.map(([, text]) => Number(text));
    expect(ms[1]).toBeGreaterThan(40_000);
    expect(ms[2]).toBeGreaterThan(20_000);
    expect(ms[3]).toBeLessThan(20_000);
  });

  it('tells contents, some fewer when they are large', async () => {
    await member.put(queue, ...ids.map((id) => ({ id, record: record('x'.repeat(400_000)) })));
    await member.lease(queue, { token: 5 });
    const told = await member.tell(queue, ids, 'C');
    expect(told).toHaveLength(3);
    expect(told[0]!.slice(4)).toEqual(['5 1 L h ', record('x'.repeat(400_000))]);
    expect(told[1]!.slice(4)).toEqual(['', record('x'.repeat(400_000))]);
    expect(await member.tell(queue, [messageId(now + 9)], 'C')).toEqual([['U', '0', '0', '0']]);
  });
});

describe('size', () => {
  it('counts a lease that ended and a delay that is over as ready, whether or not home looked', async () => {
    await member.put(queue, { id: ids[0] }, { id: ids[1], delay: 5 }, { id: ids[2], delay: 60_000 }, { id: ids[3] });
    await member.lease(queue, { ms: 5 });
    await member.lease(queue, { ms: 60_000 });
    await member.passed(5);
    expect(await member.look(queue, 'S')).toEqual(['2', '1', '1', '0', '0']);
    await member.lease(queue);
    expect(await member.look(queue, 'S')).toEqual(['1', '1', '2', '0', '0']);
  });

  it('counts what stands in line of a group as ready', async () => {
    await member.put(queue, ...ids.map((id) => ({ id, record: record('', { group: 'x' }) })));
    expect(await member.look(queue, 'S')).toEqual(['5', '0', '0', '0', '0']);
  });
});

describe('walk', () => {
  it('names all that is live, page by page', async () => {
    const many = Array.from({ length: 1500 }, (_, index) => messageId(now + index));
    for (let at = 0; at < many.length; at += 500) {
      await member.put(queue, ...many.slice(at, at + 500).map((id) => ({ id })));
    }
    const found = new Set<string>();
    let cursor = '0';
    do {
      const [next, ...page] = (await member.look(queue, `K${cursor} 100`)) as [string, ...string[]];
      expect(page.length).toBeLessThan(200);
      for (const id of page) found.add(id);
      cursor = next;
    } while (cursor !== '0');
    expect([...found].sort()).toEqual(many);
  });
});

describe('dead letters', () => {
  it('are named from the oldest on, with the time since', async () => {
    await member.put(queue, ...ids.map((id) => ({ id })));
    for (const id of ids.slice(0, 3)) {
      await member.confirm(queue, 1000, { id, token: 5 });
      await member.reject(queue, { id });
      await member.passed(3);
    }
    const [first, ms, second] = (await member.look(queue, 'W0 2')) as string[];
    expect([first, second]).toEqual(ids.slice(0, 2));
    expect(Number(ms)).toBeGreaterThanOrEqual(9);
    expect(((await member.look(queue, 'W2 2')) as string[])[0]).toBe(ids[2]);
    expect(await member.look(queue, 'W3 2')).toEqual([]);
  });
});

describe('keep', () => {
  it('lets one client at a time keep the queue in order, until its time is over', async () => {
    expect(await member.look(queue, 'Oone 60000')).toBe('A');
    expect(await member.look(queue, 'Otwo 10')).toBe('N');
    expect(await member.look(queue, 'Oone 10')).toBe('A');
    await member.passed(10);
    expect(await member.look(queue, 'Otwo 10')).toBe('A');
  });
});

describe('head age', () => {
  it('tells how long the next message has been there, and nothing when none is ready', async () => {
    expect(await member.look(queue, 'A')).toBe('');
    await member.put(queue, { id: messageId(now - 5_000_000) }, { id: ids[0] });
    const age = Number(await member.look(queue, 'A'));
    expect(age).toBeGreaterThanOrEqual(5_000_000);
    expect(age).toBeLessThan(25_000_000);
  });
});

describe('time', () => {
  it('is the member clock to the µs', async () => {
    const told = Number(await member.look(queue, 'T'));
    expect(told).toBeGreaterThanOrEqual(now);
    expect(told).toBeLessThanOrEqual(await member.timeUs());
  });
});
