import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { messageId, QueueMember, record } from '../support/queue-member.js';

let member: QueueMember;
let queue: string;
let now: number;
let id: string;
beforeAll(async () => {
  member = await QueueMember.start();
});
beforeEach(async () => {
  queue = member.name();
  now = await member.timeUs();
  id = messageId(now);
});
afterAll(() => member[Symbol.asyncDispose]());

/** Keys that the queue has, by the name of their part. */
async function kept(): Promise<string[]> {
  const keys = await member.redis.keys(member.key(queue, '*'));
  return keys.map((key) => /queue-(\w+)/.exec(key)![1]!).sort();
}

describe('ack', () => {
  it('is accepted from the holder, leaves nothing but a tombstone, and is D from then on (S27)', async () => {
    await member.put(queue, { id });
    await member.lease(queue);
    expect(await member.ack(queue, { id })).toBe('A');
    expect(await kept()).toEqual(['facts', 'seen']);
    expect(await member.ack(queue, { id })).toBe('D');
    expect(await member.places(queue, id)).toBe('D');
  });

  it('is refused from anybody else, and where it is not leased (S27)', async () => {
    await member.put(queue, { id });
    expect(await member.ack(queue, { id })).toBe('R');
    await member.lease(queue, { holder: 'i' });
    expect(await member.ack(queue, { id })).toBe('R');
    expect(await member.ack(queue, { id: messageId(now + 1) })).toBe('R');
    expect(await member.places(queue, id)).toBe('L');
  });

  it('is accepted after the end of the lease until somebody else leased it (S27)', async () => {
    const [other] = [messageId(now + 1)];
    await member.put(queue, { id }, { id: other });
    await member.lease(queue, { ms: 5, count: 2 });
    await member.passed(5);
    expect(await member.ack(queue, { id })).toBe('A');
    expect(await member.leaseIds(queue, { holder: 'i' })).toEqual([other]);
    expect(await member.ack(queue, { id: other })).toBe('R');
  });

  it('is refused after the message was given back or died', async () => {
    await member.put(queue, { id });
    await member.lease(queue);
    await member.nack(queue, { id });
    expect(await member.ack(queue, { id })).toBe('R');
    await member.lease(queue);
    await member.reject(queue, { id });
    expect(await member.ack(queue, { id })).toBe('R');
  });

  it('is accepted of a message that is leased here without its record', async () => {
    await member.confirm(queue, 60_000, { id, token: 5 });
    expect(await member.ack(queue, { id })).toBe('A');
    expect(await kept()).toEqual(['facts', 'seen']);
    expect(await member.put(queue, { id })).toBe('D');
  });

  it('decides each of many, and counts what is done', async () => {
    const ids = [0, 1, 2].map((offset) => messageId(now + offset)) as [string, string, string];
    await member.put(queue, ...ids.map((one) => ({ id: one })));
    await member.lease(queue, { count: 2 });
    await member.ack(queue, { id: ids[1] });
    expect(await member.ack(queue, ...ids.map((one) => ({ id: one })))).toBe('ADR');
    expect(await member.look(queue, 'S')).toEqual(['1', '0', '0', '0', '2']);
  });

  it('leaves no tombstone below the floor, where silence says the same', async () => {
    await member.put(queue, { id });
    await member.lease(queue);
    await member.raiseFloor(queue, now + 1);
    expect(await member.redis.zcard(member.key(queue, 'seen'))).toBe(1);
    expect(await member.ack(queue, { id })).toBe('A');
    expect(await kept()).toEqual(['facts']);
    expect(await member.places(queue, id)).toBe('D');
  });
});

describe('nack', () => {
  it('makes the message ready again, at once or after a delay, for its holder only', async () => {
    const other = messageId(now + 1);
    await member.put(queue, { id }, { id: other });
    await member.lease(queue, { count: 2, token: 5 });
    expect(await member.nack(queue, { id, holder: 'i' })).toBe('R');
    expect(await member.nack(queue, { id }, { id: other, delay: 60_000 })).toBe('AA');
    expect(await member.places(queue, id, other)).toBe('RY');
    expect(await member.state(queue, id)).toMatchObject({ token: 5, counted: 1, kind: 'N' });
    await member.letEnd(queue, other);
    expect(await member.leaseIds(queue, { count: 5, holder: 'i' })).toEqual([id, other]);
  });

  it('may be free: the attempt does not count', async () => {
    await member.put(queue, { id });
    await member.lease(queue);
    await member.nack(queue, { id, isFree: true });
    expect(await member.state(queue, id)).toMatchObject({ counted: 0 });
  });

  it('is accepted again from the same holder, and changes nothing then', async () => {
    await member.put(queue, { id });
    await member.lease(queue);
    await member.nack(queue, { id, delay: 60_000 });
    expect(await member.nack(queue, { id, delay: 0 })).toBe('A');
    expect(await member.places(queue, id)).toBe('Y');
    await member.letEnd(queue, id);
    await member.confirm(queue, 60_000, { id, token: 9, holder: 'i' });
    expect(await member.nack(queue, { id })).toBe('R');
  });

  it('is D for a message that is done, and R for one that is not known', async () => {
    await member.put(queue, { id });
    await member.lease(queue);
    await member.spread(queue, id);
    expect(await member.nack(queue, { id }, { id: messageId(now + 1) })).toBe('DR');
  });
});

describe('reject', () => {
  it('makes a dead letter, with its reason, for the holder only', async () => {
    await member.put(queue, { id });
    await member.lease(queue, { token: 5 });
    expect(await member.reject(queue, { id, holder: 'i' })).toBe('R');
    const reason = 'ä "why"\n 1 2 ';
    expect(await member.reject(queue, { id, reason })).toBe('A');
    expect(await member.state(queue, id)).toMatchObject({ token: 5, counted: 1, kind: 'X', reason });
    expect(await member.places(queue, id)).toBe('X');
    expect(await member.leaseIds(queue)).toEqual([]);
    expect(await member.look(queue, 'S')).toEqual(['0', '0', '0', '1', '0']);
  });

  it('is accepted again from the same holder', async () => {
    await member.put(queue, { id });
    await member.lease(queue);
    await member.reject(queue, { id, reason: 'first' });
    expect(await member.reject(queue, { id, reason: 'second' })).toBe('A');
    expect(await member.state(queue, id)).toMatchObject({ reason: 'first' });
    expect(await member.reject(queue, { id, holder: 'i' })).toBe('R');
  });

  it('is D for a message that is done', async () => {
    await member.put(queue, { id });
    await member.spread(queue, id);
    expect(await member.reject(queue, { id })).toBe('D');
  });
});

describe('spread', () => {
  it('ends a message wherever it stands, whoever leased it, and one that is not known (S25)', async () => {
    const ids = [0, 1, 2, 3, 4, 5].map((offset) => messageId(now + offset)) as [string, ...string[]];
    await member.put(queue, ...ids.slice(0, 4).map((one, index) => ({ id: one, delay: index === 3 ? 60_000 : 0 })));
    await member.lease(queue, { count: 2 });
    await member.reject(queue, { id: ids[1]! });
    await member.confirm(queue, 60_000, { id: ids[4]!, token: 3 });
    expect(await member.places(queue, ...ids)).toBe('LXRYUU');
    expect(await member.spread(queue, ...ids)).toBe('AAAAAA');
    expect(await member.places(queue, ...ids)).toBe('DDDDDD');
    expect(await kept()).toEqual(['facts', 'seen']);
    expect(await member.look(queue, 'S')).toEqual(['0', '0', '0', '0', '6']);
  });
});

describe('remove', () => {
  it('ends what nobody holds, and tells what it was', async () => {
    const ids = [0, 1, 2, 3, 4].map((offset) => messageId(now + offset)) as [string, ...string[]];
    await member.put(queue, ...ids.slice(0, 4).map((one) => ({ id: one })));
    await member.lease(queue, { count: 2 });
    await member.reject(queue, { id: ids[1]! });
    await member.spread(queue, ids[3]!);
    expect(await member.remove(queue, ...ids)).toBe('LAADU');
    expect(await member.places(queue, ...ids)).toBe('LDDDD');
    expect(await member.put(queue, { id: ids[4]! })).toBe('D');
  });

  it('ends one whose lease is over', async () => {
    await member.put(queue, { id });
    await member.lease(queue, { ms: 5 });
    await member.passed(5);
    expect(await member.remove(queue, id)).toBe('A');
    expect(await kept()).toEqual(['facts', 'seen']);
  });

  it('leaves no tombstone of an id that nobody can have put yet', async () => {
    expect(await member.remove(queue, messageId(now + 2 * 86_400_000_000))).toBe('U');
    expect(await kept()).toEqual([]);
  });
});

describe('redrive', () => {
  beforeEach(async () => {
    await member.put(queue, { id });
    await member.lease(queue, { token: 5 });
    await member.reject(queue, { id });
  });

  it('makes a dead letter ready, with all attempts before it and a higher token', async () => {
    expect(await member.redrive(queue, { id, counted: 1_000_000 })).toBe('A');
    expect(await member.state(queue, id)).toMatchObject({ token: 5, counted: 1_000_000, kind: 'N', reason: '' });
    expect(await member.redis.exists(member.key(queue, 'dead'))).toBe(0);
    expect(await member.lease(queue)).toMatchObject([{ id, token: 6, counted: 1_000_001 }]);
  });

  it('is done once: what happened since is left alone', async () => {
    await member.redrive(queue, { id, counted: 1_000_000 });
    await member.lease(queue, { holder: 'i' });
    await member.reject(queue, { id, holder: 'i' });
    expect(await member.redrive(queue, { id, counted: 1_000_000 })).toBe('A');
    expect(await member.places(queue, id)).toBe('X');
    expect(await member.redrive(queue, { id, counted: 2_000_000 })).toBe('A');
    expect(await member.places(queue, id)).toBe('R');
  });

  it('is noted where the message is not known to be dead, so that an old dead letter does not count', async () => {
    const missed = messageId(now + 1);
    await member.put(queue, { id: missed });
    await member.lease(queue, { holder: 'i' });
    await member.nack(queue, { id: missed, holder: 'i' });
    expect(await member.redrive(queue, { id: missed, counted: 1_000_000 })).toBe('A');
    expect(await member.state(queue, missed)).toMatchObject({ counted: 1_000_000 });
    expect(await member.leaseIds(queue)).toEqual([missed]);
  });

  it('leaves alone what is leased, never leased, not known or done', async () => {
    const ids = [1, 2, 3, 4].map((offset) => messageId(now + offset)) as [string, ...string[]];
    await member.put(queue, ...ids.slice(0, 3).map((one) => ({ id: one })));
    await member.lease(queue);
    await member.spread(queue, ids[2]!);
    const items = ids.map((one) => ({ id: one, counted: 1_000_000 }));
    expect(await member.redrive(queue, ...items)).toBe('LNDN');
    expect(await member.places(queue, ...ids)).toBe('LRDU');
  });
});

describe('heal', () => {
  it('gives a message with its place and state, once', async () => {
    const ids = [0, 1, 2, 3].map((offset) => messageId(now + offset)) as [string, ...string[]];
    const state = '5 2 X - \nwhy';
    expect(
      await member.heal(
        queue,
        { id: ids[0]! },
        { id: ids[1]!, where: 'Y', ms: 60_000, state: '6 1 N - ' },
        { id: ids[2]!, where: 'X', ms: 3000, state },
        { id: ids[3]!, record: '' },
      ),
    ).toBe('AAAA');
    expect(await member.places(queue, ...ids)).toBe('RYXU');
    expect(await member.state(queue, ids[1]!)).toMatchObject({ token: 6, counted: 1 });
    expect(await member.state(queue, ids[2]!)).toMatchObject({ token: 5, counted: 2, reason: 'why' });
    const [dead] = (await member.look(queue, 'W0 10')) as string[];
    expect(dead).toBe(ids[2]);
    await member.heal(queue, { id: ids[0]!, where: 'Y', ms: 90_000, record: record('another') });
    expect(await member.leaseIds(queue)).toEqual([ids[0]]);
  });

  it('does not bring back what is done, by tombstone or floor (S25)', async () => {
    await member.spread(queue, id);
    await member.raiseFloor(queue, now - 1000);
    expect(await member.heal(queue, { id }, { id: messageId(now - 2000) })).toBe('DD');
    expect(await kept()).toEqual(['facts', 'seen']);
  });

  it('leaves a lease alone, also of a message that is healed only now', async () => {
    const known = messageId(now + 1);
    await member.put(queue, { id: known });
    const items = [id, known].map((one) => ({ id: one, token: 5 }));
    await member.confirm(queue, 60_000, ...items);
    const state = '9 1000000 N - ';
    await member.heal(queue, { id, state }, { id: known, state, record: '' });
    for (const one of [id, known]) {
      expect(await member.state(queue, one)).toMatchObject({ token: 5, kind: 'L', holder: 'h', counted: 1 });
      expect(await member.leaseLeft(queue, one)).toBeGreaterThan(30_000);
    }
    expect(await member.ack(queue, { id }, { id: known })).toBe('AA');
  });

  it('places a message whose lease here is over and whose record was missing', async () => {
    await member.confirm(queue, 60_000, { id, token: 5 });
    await member.nack(queue, { id });
    await member.heal(queue, { id });
    expect(await member.places(queue, id)).toBe('R');
    expect(await member.lease(queue)).toMatchObject([{ id, token: 6, counted: 2 }]);
  });

  it('takes over a later redrive of a dead letter, and no earlier state', async () => {
    await member.put(queue, { id });
    await member.lease(queue, { token: 5 });
    await member.reject(queue, { id });
    await member.heal(queue, { id, state: '9 3 N - ', record: '' });
    expect(await member.places(queue, id)).toBe('X');
    expect(await member.state(queue, id)).toMatchObject({ token: 9, counted: 3, kind: 'X' });
    await member.heal(queue, { id, where: 'Y', ms: 60_000, state: '7 1000002 N - ', record: '' });
    expect(await member.places(queue, id)).toBe('Y');
    expect(await member.state(queue, id)).toMatchObject({ token: 9, counted: 1_000_002, kind: 'N' });
    expect(await member.redis.exists(member.key(queue, 'dead'))).toBe(0);
  });
});
