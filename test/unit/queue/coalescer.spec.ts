import { describe, expect, it } from 'vitest';
import { Coalescer } from '../../../lib/queue/coalescer.js';
import { VirtualClock } from '../../support/virtual-clock.js';

function create() {
  const clock = new VirtualClock();
  const sent: { items: readonly string[]; settle: () => void }[] = [];
  const coalescer = new Coalescer<string>(
    clock,
    (item) => item.length,
    (items, settle) => sent.push({ items, settle }),
  );
  return { clock, coalescer, sent, sizes: () => sent.map(({ items }) => items.length) };
}

describe('Coalescer', () => {
  it('sends at the end of the turn, as one request, what was asked for in it, in its order', async () => {
    const { clock, coalescer, sent } = create();
    for (const item of ['a', 'b', 'c']) coalescer.add(item);
    expect(sent).toHaveLength(0);
    await clock.settle();
    expect(sent.map(({ items }) => items)).toEqual([['a', 'b', 'c']]);
    expect(clock.now()).toBe(0);
  });

  it('gathers while a request is out, and sends once that is settled', async () => {
    const { clock, coalescer, sent } = create();
    coalescer.add('a');
    await clock.settle();
    coalescer.add('b');
    await clock.settle();
    coalescer.add('c');
    await clock.settle();
    expect(sent).toHaveLength(1);
    sent[0]!.settle();
    await clock.settle();
    expect(sent[1]!.items).toEqual(['b', 'c']);
    expect(clock.now()).toBe(0);
  });

  it('gathers for 1 ms at most, however long the earlier request is out', async () => {
    const { clock, coalescer, sizes } = create();
    coalescer.add('a');
    await clock.settle();
    coalescer.add('b');
    await clock.advance(0.9);
    coalescer.add('c');
    expect(sizes()).toEqual([1]);
    await clock.advance(0.1);
    expect(sizes()).toEqual([1, 2]);
    coalescer.add('d');
    await clock.advance(1);
    expect(sizes()).toEqual([1, 2, 1]);
  });

  it('sends again at the end of the turn once all that was out is settled', async () => {
    const { clock, coalescer, sent, sizes } = create();
    coalescer.add('a');
    await clock.settle();
    coalescer.add('b');
    await clock.advance(1);
    sent[1]!.settle();
    coalescer.add('c');
    await clock.settle();
    expect(sizes()).toEqual([1, 1]);
    sent[0]!.settle();
    await clock.settle();
    expect(sizes()).toEqual([1, 1, 1]);
    // the timer that was set before finds nothing
    await clock.advance(5);
    expect(sizes()).toEqual([1, 1, 1]);
  });

  it('sends no more than 500 items and a million characters as one request', async () => {
    const { clock, coalescer, sizes } = create();
    for (let index = 0; index < 1100; index++) coalescer.add('x');
    await clock.settle();
    expect(sizes()).toEqual([500, 500, 100]);
    const large = create();
    for (const size of [600_000, 300_000, 200_000, 999_999, 1, 1, 2_000_000, 1]) large.coalescer.add('x'.repeat(size));
    await large.clock.settle();
    expect(large.sizes()).toEqual([2, 1, 2, 1, 1, 1]);
  });
});
