import { describe, expect, it } from 'vitest';
import type { QueueDeed } from '../history/queue-history.js';
import { checkDeliveries, checkGroupOrder } from './check-deliveries.js';

type Unplaced<T> = T extends unknown ? Omit<T, 'at'> : never;

/** A history in which one thing happens each ms. */
function history(...deeds: Unplaced<QueueDeed>[]): QueueDeed[] {
  return deeds.map((deed, at) => ({ ...deed, at }) as QueueDeed);
}

const put = (name: string, options: { key?: string; group?: string } = {}) =>
  ({ kind: 'put', put: name, key: name, isOrdered: options.group !== undefined, ...options }) as const;
const stored = (name: string, isDuplicate = false) => ({ kind: 'stored', put: name, isDuplicate }) as const;
const delivery = (name: string, key: string, token: number) =>
  ({ kind: 'delivery', delivery: name, key, token }) as const;
const held = (name: string) => ({ kind: 'held', delivery: name }) as const;
const ack = (name: string) => ({ kind: 'ack', delivery: name }) as const;
const acked = (name: string) => ({ kind: 'acked', delivery: name }) as const;
const reject = (name: string) => ({ kind: 'reject', delivery: name }) as const;
const done = (name: string) => [held(name), ack(name), acked(name)];

describe('the checker of deliveries', () => {
  it('accepts puts, deliveries one after the other, and an ack at the end', () => {
    const deeds = history(
      put('m'),
      stored('m'),
      delivery('a', 'm', 1),
      held('a'),
      delivery('b', 'm', 2),
      ...done('b'),
      put('n'),
      put('o', { key: 'id' }),
      put('p', { key: 'id' }),
      delivery('c', 'id', 9),
      stored('p', true),
      stored('o'),
      ...done('c'),
    );
    expect(checkDeliveries(deeds)).toEqual([]);
  });

  it('accepts an ack whose outcome is not known, and what may follow from it', () => {
    const once = history(put('m'), stored('m'), delivery('a', 'm', 1), held('a'), ack('a'));
    expect(checkDeliveries(once)).toEqual([]);
    const again = history(put('m'), stored('m'), delivery('a', 'm', 1), ack('a'), delivery('b', 'm', 2), ...done('b'));
    expect(checkDeliveries(again)).toEqual([]);
  });

  it('accepts a put whose outcome is not known, delivered or not', () => {
    expect(checkDeliveries(history(put('m'), put('n'), delivery('a', 'n', 1), ...done('a')))).toEqual([]);
  });

  it('objects to a stored message that was never delivered, or never acknowledged', () => {
    const deeds = history(put('m'), stored('m'), put('n'), stored('n'), delivery('a', 'n', 1), held('a'));
    expect(checkDeliveries(deeds)).toEqual([
      'm: stored, delivered 0 times and acknowledged by nobody',
      'n: stored, delivered 1 times and acknowledged by nobody',
    ]);
  });

  it('objects to a second good ack and to a delivery after a good one', () => {
    const deeds = history(
      put('m'),
      stored('m'),
      delivery('a', 'm', 1),
      ...done('a'),
      delivery('b', 'm', 2),
      ...done('b'),
    );
    expect(checkDeliveries(deeds)).toEqual([
      'm: acknowledged 2 times: a and b',
      'm: delivered to b after a had acknowledged it',
    ]);
  });

  it('objects to a delivery before the message, or its next attempt, is due', () => {
    const nacked = { kind: 'nacked', delivery: 'a', dueAt: 6 } as const;
    const from = (first: number, next: number): QueueDeed[] => [
      { ...put('m'), dueAt: 3, at: 0 },
      { ...stored('m'), at: 1 },
      { ...delivery('a', 'm', 1), at: first },
      { ...nacked, at: first },
      { ...delivery('b', 'm', 2), at: next },
      ...done('b').map((deed) => ({ ...deed, at: next })),
    ];
    expect(checkDeliveries(from(3, 6))).toEqual([]);
    expect(checkDeliveries(from(2, 4))).toEqual([
      'm: delivered to a 1.0 ms before it was due',
      'm: delivered to b 2.0 ms before it was due',
    ]);
  });

  it('objects to a second delivery of a message that may be delivered once, unless it went back or was redriven', () => {
    const between = (...deeds: Unplaced<QueueDeed>[]) => {
      const first = [{ ...put('m'), isOnce: true }, stored('m'), delivery('a', 'm', 1)];
      return checkDeliveries(history(...first, ...deeds, delivery('b', 'm', 2), ...done('b')));
    };
    expect(between()).toEqual(['m: delivered to b, though a was its only attempt']);
    expect(between({ kind: 'given back', delivery: 'a' })).toEqual([]);
    expect(between({ kind: 'redrive' })).toEqual([]);
  });

  it('objects to a good ack of one whose successor has it already', () => {
    const deeds = history(
      put('m'),
      delivery('a', 'm', 1),
      held('a'),
      ack('a'),
      delivery('b', 'm', 2),
      held('b'),
      acked('a'),
    );
    expect(checkDeliveries(deeds)).toEqual(['m: delivered to b after a had acknowledged it']);
  });

  it('objects to two holders at once', () => {
    const deeds = history(put('m'), delivery('a', 'm', 1), delivery('b', 'm', 2), held('a'), ...done('b'));
    expect(checkDeliveries(deeds)).toEqual(['m: held by b and a for 1.0 ms, from 1.0 ms on']);
  });

  it('objects to a holder inside a longer one', () => {
    const deeds = history(
      put('m'),
      delivery('a', 'm', 1),
      delivery('b', 'm', 2),
      held('b'),
      delivery('c', 'm', 3),
      held('c'),
      held('a'),
    );
    expect(checkDeliveries(deeds)).toHaveLength(2);
  });

  it('objects to tokens that do not grow', () => {
    const deeds = history(
      put('m'),
      delivery('a', 'm', 5),
      delivery('b', 'm', 5),
      delivery('c', 'm', 4),
      delivery('d', 'm', 6),
    );
    expect(checkDeliveries(deeds)).toEqual([
      'm: token 5 of b is not above 5 of a',
      'm: token 4 of c is not above 5 of b',
    ]);
  });

  it("objects to two puts with one caller's id that were both told to have made the message", () => {
    const deeds = history(
      put('m', { key: 'id' }),
      put('n', { key: 'id' }),
      stored('m'),
      stored('n'),
      delivery('a', 'id', 1),
      ...done('a'),
    );
    expect(checkDeliveries(deeds)).toEqual(['id: 2 puts were told that theirs is the message']);
  });

  it('objects to a message that nobody put, and to what a process calls a fault', () => {
    const deeds = history(delivery('a', 'm', 1), { kind: 'fault', what: 'put: TypeError' });
    expect(checkDeliveries(deeds)).toEqual(['put: TypeError', 'm: delivered, and nobody put it']);
  });

  it('objects to two messages of one group that are out at the same time', () => {
    const both = history(
      put('m', { group: 'g' }),
      put('n', { group: 'g' }),
      delivery('a', 'm', 1),
      delivery('b', 'n', 2),
      held('a'),
    );
    expect(checkDeliveries(both)).toEqual(['g: held by b and a for 1.0 ms, from 1.0 ms on']);
    const others = history(
      put('m', { group: 'g' }),
      put('n', { group: 'h' }),
      delivery('a', 'm', 1),
      delivery('b', 'n', 2),
      held('a'),
    );
    expect(checkDeliveries(others)).toEqual([]);
  });
});

describe('the checker of the order in groups', () => {
  const group = 'g';
  const puts = [put('m', { group }), stored('m'), put('n', { group }), stored('n')];

  it('accepts one after the other, also again, and past one that was rejected', () => {
    const again = [delivery('a', 'm', 1), held('a'), delivery('b', 'm', 2), ...done('b')];
    expect(checkGroupOrder(history(...puts, ...again, delivery('c', 'n', 3), ...done('c')))).toEqual([]);
    expect(checkGroupOrder(history(...puts, delivery('a', 'm', 1), reject('a'), delivery('b', 'n', 2)))).toEqual([]);
  });

  it('accepts any order of puts that were under way at the same time', () => {
    const deeds = history(put('m', { group }), put('n', { group }), stored('n'), stored('m'), delivery('a', 'n', 1));
    expect(checkGroupOrder(deeds)).toEqual([]);
  });

  it('objects to a later message that comes before an earlier one is settled', () => {
    const violation = ['g: n was delivered before m, put earlier, was settled'];
    expect(checkGroupOrder(history(...puts, delivery('a', 'n', 1)))).toEqual(violation);
    expect(checkGroupOrder(history(...puts, delivery('a', 'm', 1), delivery('b', 'n', 2), ack('a')))).toEqual(
      violation,
    );
  });
});
