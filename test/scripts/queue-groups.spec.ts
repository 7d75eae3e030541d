import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { brokenInvariants } from '../support/queue-invariants.js';
import { messageId, QueueMember, record } from '../support/queue-member.js';
import { seededRandom, testSeed } from '../support/seed.js';

let member: QueueMember;
let queue: string;
let now: number;
let x: string[];
let y: string[];
beforeAll(async () => {
  member = await QueueMember.start();
});
beforeEach(async () => {
  queue = member.name();
  now = await member.timeUs();
  x = Array.from({ length: 4 }, (_, index) => messageId(now + 2 * index));
  y = Array.from({ length: 4 }, (_, index) => messageId(now + 2 * index + 1));
});
afterAll(() => member[Symbol.asyncDispose]());

const inGroup = (group: string, ids: readonly string[], priority = 0) =>
  ids.map((id) => ({ id, record: record(id, { group, priority }) }));
const all = { count: 100 };

describe('a group', () => {
  it('is served one at a time and in order, others meanwhile', async () => {
    await member.put(queue, ...inGroup('x', x), ...inGroup('y', y), { id: messageId(now + 100) });
    expect(await member.leaseIds(queue, all)).toEqual([x[0], y[0], messageId(now + 100)]);
    expect(await member.leaseIds(queue, all)).toEqual([]);
    await member.ack(queue, { id: x[0]! });
    expect(await member.leaseIds(queue, all)).toEqual([x[1]]);
    await member.reject(queue, { id: x[1]! });
    await member.spread(queue, y[0]!);
    expect(await member.leaseIds(queue, all)).toEqual([y[1], x[2]]);
    await member.nack(queue, { id: y[1]! });
    expect(await member.leaseIds(queue, all)).toEqual([y[1]]);
  });

  it('is served by priority, then creation, in whatever order its messages come', async () => {
    const late = inGroup('x', [x[3]!], -5);
    await member.put(queue, ...inGroup('x', [x[1]!, x[2]!]), ...inGroup('x', [x[0]!]), ...late);
    const order: string[] = [];
    for (let round = 0; round < 4; round++) {
      const [id] = await member.leaseIds(queue, all);
      order.push(id!);
      await member.ack(queue, { id: id! });
    }
    expect(order).toEqual([x[3], x[0], x[1], x[2]]);
  });

  it('waits for a message that is to be tried again', async () => {
    await member.put(queue, ...inGroup('x', x));
    await member.lease(queue);
    await member.nack(queue, { id: x[0]!, delay: 60_000 });
    expect(await member.leaseIds(queue, all)).toEqual([]);
    await member.letEnd(queue, x[0]!);
    expect(await member.leaseIds(queue, all)).toEqual([x[0]]);
  });

  it('waits for a lease that ends', async () => {
    await member.put(queue, ...inGroup('x', x));
    await member.lease(queue);
    expect(await member.leaseIds(queue, all)).toEqual([]);
    await member.letEnd(queue, x[0]!);
    expect(await member.leaseIds(queue, all)).toEqual([x[0]]);
  });

  it('goes on when its head is removed, and when one in line is', async () => {
    await member.put(queue, ...inGroup('x', x));
    await member.remove(queue, x[0]!, x[2]!);
    expect(await member.leaseIds(queue, all)).toEqual([x[1]]);
    await member.ack(queue, { id: x[1]! });
    expect(await member.leaseIds(queue, all)).toEqual([x[3]]);
    expect(await brokenInvariants(member, queue)).toEqual([]);
  });

  it('is not mixed up with one whose name begins alike', async () => {
    const names = ['a', 'ab', 'a b', 'a1', 'ä'];
    const ids = names.map((_, group) => [0, 1].map((index) => messageId(now + 10 * group + index)));
    for (const [index, name] of names.entries()) await member.put(queue, ...inGroup(name, ids[index]!));
    expect(await member.leaseIds(queue, all)).toEqual(ids.map(([first]) => first));
    for (const [index] of names.entries()) {
      await member.ack(queue, { id: ids[index]![0]! });
      expect(await member.leaseIds(queue, all)).toEqual([ids[index]![1]]);
    }
  });

  it('is refused to another message while one of it is leased (S26)', async () => {
    await member.put(queue, ...inGroup('x', x));
    await member.confirm(queue, 60_000, { id: x[1]!, token: 5, group: 'x' });
    const [word] = await member.confirm(queue, 60_000, { id: x[0]!, token: 9, group: 'x', holder: 'i' });
    expect(word).toMatch(/^L\d+$/);
    expect(await member.confirm(queue, 60_000, { id: messageId(now + 99), token: 9, group: 'x', holder: 'i' })).toEqual(
      [expect.stringMatching(/^L\d+$/)],
    );
    expect(await member.leaseIds(queue, all)).toEqual([]);
    // its holder extends
    expect(await member.confirm(queue, 60_000, { id: x[1]!, token: 5, group: 'x' })).toEqual(['G']);
    await member.ack(queue, { id: x[1]! });
    expect(await member.leaseIds(queue, all)).toEqual([x[0]]);
  });

  it('is free again for another message once the lease in it ended, and then not for the first', async () => {
    await member.put(queue, ...inGroup('x', x));
    await member.confirm(queue, 5, { id: x[0]!, token: 5, group: 'x' });
    await member.passed(5);
    expect(await member.confirm(queue, 60_000, { id: x[1]!, token: 6, group: 'x', holder: 'i' })).toEqual(['G']);
    const late = await member.confirm(queue, 60_000, { id: x[0]!, token: 5, group: 'x' });
    expect(late).toEqual([expect.stringMatching(/^L\d+$/)]);
    expect(await brokenInvariants(member, queue)).toEqual([]);
  });

  it('stands still while a message of it is leased that others have done, until that lease ends (S35)', async () => {
    await member.put(queue, ...inGroup('x', x));
    expect(await member.leaseIds(queue, all)).toEqual([x[0]]);
    expect(await member.doneElsewhere(queue, { id: x[0]! }, { id: x[3]! })).toBe('LA');
    expect(await member.doneElsewhere(queue, { id: x[0]!, holder: 'another' })).toBe('L');
    expect(await member.leaseIds(queue, all)).toEqual([]);
    await member.letEnd(queue, x[0]!);
    expect(await member.doneElsewhere(queue, { id: x[0]! })).toBe('A');
    expect(await member.leaseIds(queue, all)).toEqual([x[1]]);
    // its own holder gives it up
    expect(await member.doneElsewhere(queue, { id: x[1]!, holder: 'h' })).toBe('A');
    expect(await member.leaseIds(queue, all)).toEqual([x[2]]);
    expect(await brokenInvariants(member, queue)).toEqual([]);
  });

  it.each([
    ['is given back', (id: string) => member.nack(queue, { id })],
    ['dies', (id: string) => member.reject(queue, { id })],
    ['is done', (id: string) => member.ack(queue, { id })],
    ['is done elsewhere', (id: string) => member.spread(queue, id)],
    ['is left by its holder', (id: string) => member.letEnd(queue, id)],
    ['goes with the floor', () => member.raiseFloor(queue, now + 1_000_000)],
  ])('goes on after a message in it that never came to this member %s', async (_, end) => {
    await member.put(queue, ...inGroup('x', x.slice(1)));
    expect(await member.confirm(queue, 60_000, { id: x[0]!, token: 5, group: 'x' })).toEqual(['B']);
    expect(await member.leaseIds(queue, all)).toEqual([]);
    await end(x[0]!);
    expect(await member.leaseIds(queue, all)).toEqual([x[1]]);
    expect(await brokenInvariants(member, queue)).toEqual([]);
  });

  it('keeps the order after a message in it was healed that waits for its next attempt', async () => {
    await member.put(queue, ...inGroup('x', x.slice(1)));
    const [told] = inGroup('x', [x[0]!]);
    await member.heal(queue, { ...told!, where: 'Y', ms: 60_000, state: '5 1 N - x' });
    expect(await member.leaseIds(queue, all)).toEqual([]);
    await member.letEnd(queue, x[0]!);
    expect(await member.leaseIds(queue, all)).toEqual([x[0]]);
  });

  it('waits for such a message also when it was the first of its group here', async () => {
    const [told] = inGroup('x', [x[1]!]);
    await member.heal(queue, { ...told!, where: 'Y', ms: 60_000, state: '5 1 N - x' });
    await member.put(queue, ...inGroup('x', [x[0]!, x[2]!]));
    expect(await member.leaseIds(queue, all)).toEqual([]);
    await member.letEnd(queue, x[1]!);
    expect(await member.leaseIds(queue, all)).toEqual([x[1]]);
  });

  it('is not held up by a message that is only delayed', async () => {
    const [first] = inGroup('x', [x[0]!]);
    await member.put(queue, { ...first!, delay: 5000 }, ...inGroup('x', x.slice(1)));
    const [healed] = inGroup('x', [messageId(now - 5)]);
    await member.heal(queue, { ...healed!, where: 'Y', ms: 5000 });
    expect(await member.leaseIds(queue, all)).toEqual([x[1]]);
  });
});

describe('whatever is asked of a member', () => {
  it('leaves nothing in two places or in none, no group without a way on, and all can be done in the end', async () => {
    const random = seededRandom(testSeed());
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const chance = (part: number): boolean => random() < part;
    const ids = Array.from({ length: 12 }, (_, index) => messageId(now - 1000 + index));
    const groupOf = (id: string): string => ['', 'x', 'y'][ids.indexOf(id) % 3]!;
    const recordOf = (id: string): string => record(id, { group: groupOf(id), priority: ids.indexOf(id) % 2 });
    const holders = ['h', 'i', 'j'];
    let token = 10;
    const stateOf = (id: string): string => {
      if (chance(0.3)) return '';
      const kind = pick(['N', 'X', 'L']);
      const counted = pick(kind === 'N' ? [0, 1, 1_000_000] : [1, 2, 1_000_001]);
      return `${token + pick([-3, 0, 3])} ${counted} ${kind} ${pick(holders)} ${groupOf(id)}`;
    };
    const placeOf = (state: string): string => (state.includes(' X ') ? 'X' : pick(['R', 'Y']));
    const acts: Record<string, (id: string, holder: string) => Promise<unknown>> = {
      put: (id) => member.put(queue, { id, record: recordOf(id), delay: chance(0.3) ? 2 : 0 }),
      lease: (_, holder) => member.lease(queue, { holder, token: ++token, ms: pick([1, 60_000]), count: 3 }),
      confirm: (id, holder) => {
        const counted = pick([1, 2, 1_000_001]);
        const ms = pick([1, 60_000]);
        return member.confirm(queue, ms, { id, holder, token: token + pick([-2, 1, 2]), counted, group: groupOf(id) });
      },
      ack: (id, holder) => (chance(0.3) ? member.ack(queue, { id, holder }) : Promise.resolve()),
      nack: (id, holder) => member.nack(queue, { id, holder, delay: pick([0, 2]), isFree: chance(0.5) }),
      reject: (id, holder) => member.reject(queue, { id, holder }),
      spread: (id) => (chance(0.2) ? member.spread(queue, id) : Promise.resolve()),
      remove: (id) => (chance(0.2) ? member.remove(queue, id) : Promise.resolve()),
      redrive: (id) => member.redrive(queue, { id, counted: pick([1_000_000, 2_000_000]) }),
      heal: (id) => {
        const state = stateOf(id).replace(' L ', ' N ');
        return member.heal(queue, {
          id,
          where: placeOf(state),
          ms: pick([0, 2]),
          state,
          record: chance(0.8) ? recordOf(id) : '',
        });
      },
      merge: async (id) => {
        await member.redis.del(member.groupKeys.marker);
        await member.redis.set(member.groupKeys.ticket, 'ticket');
        const state = stateOf(id);
        const lease = state === '' || chance(0.5) ? 0 : pick([1, 60_000]);
        const known = chance(0.8) ? recordOf(id) : '';
        await member.merge(queue, 'ticket', 'messages', id, placeOf(state), pick([0, 2]), lease, state, known);
        await member.mark();
      },
      floor: () => member.raiseFloor(queue, now - 1000 + pick([0, 2, 4])),
    };
    for (let step = 0; step < 900; step++) {
      const name = pick(Object.keys(acts));
      const id = pick(ids);
      await acts[name]!(id, pick(holders));
      const wrong = await brokenInvariants(member, queue);
      expect(wrong, `step ${step}: ${name} ${id}`).toEqual([]);
      if (step % 300 === 299) {
        await drain();
        queue = member.name();
      }
    }

    /** All that lives can be leased and done, as leases and delays end. */
    async function drain(): Promise<void> {
      await member.letEnd(queue, ...ids);
      for (const id of ids) await member.redrive(queue, { id, counted: 9_000_000 });
      let left = Infinity;
      for (let round = 0; left > 0 && round < 2 * ids.length; round++) {
        const leased = await member.leaseIds(queue, { holder: 'last', token: ++token, count: 100 });
        if (leased.length > 0)
          expect(await member.ack(queue, ...leased.map((id) => ({ id, holder: 'last' })))).toMatch(/^A+$/);
        expect(await brokenInvariants(member, queue)).toEqual([]);
        left = await member.redis.hlen(member.key(queue, 'records'));
      }
      expect(left).toBe(0);
      expect(await member.redis.hlen(member.key(queue, 'heads'))).toBe(0);
      await member.raiseFloor(queue, now + 1_000_000);
      const keys = await member.redis.keys(
        member.key(queue, '*').replace('queue-', 'queue-*').replace(':*', `:${queue}`),
      );
      expect(keys).toEqual([member.key(queue, 'facts')]);
    }
  }, 120_000);
});
