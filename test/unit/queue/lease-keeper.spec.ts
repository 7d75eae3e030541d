import { describe, expect, it } from 'vitest';
import type { HeldDelivery } from '../../../lib/queue/held-delivery.js';
import type { LeasedMessage } from '../../../lib/queue/leaser.js';
import { LeaseKeeper } from '../../../lib/queue/lease-keeper.js';
import { validityOf } from '../../../lib/quorum/validity.js';
import { VirtualClock } from '../../support/virtual-clock.js';

const lease = 3000;

function create() {
  const clock = new VirtualClock();
  const asked: { at: number; ids: string[]; lease: number }[] = [];
  const lost: string[] = [];
  const settings = { answer: true, after: 0 };
  const keeper = new LeaseKeeper(
    {
      extend: async (items: readonly LeasedMessage[], length: number) => {
        asked.push({ at: clock.now(), ids: items.map(({ id }) => id), lease: length });
        const { answer, after } = settings;
        await new Promise<void>((resolve) => clock.schedule(after, resolve));
        return items.map(() => answer);
      },
    },
    clock,
  );
  /** A delivery that was leased now. */
  const hold = (id: string, length = lease, shortLease?: number): HeldDelivery => {
    const validUntil = clock.now() + validityOf(shortLease ?? length);
    const message = { id, askedAt: clock.now(), validUntil, shortLease } as LeasedMessage;
    const held = {
      message,
      lease: length,
      extendAt: Infinity,
      isSettled: false,
      get validUntil() {
        return message.validUntil;
      },
      set validUntil(until: number) {
        message.validUntil = until;
      },
      get isHeld() {
        return !held.isSettled && clock.now() < message.validUntil;
      },
      lose: () => {
        lost.push(`${id} at ${clock.now()}`);
        keeper.remove(held as unknown as HeldDelivery);
      },
    };
    keeper.add(held as unknown as HeldDelivery);
    return held as unknown as HeldDelivery;
  };
  return { clock, keeper, asked, lost, settings, hold };
}

describe('LeaseKeeper', () => {
  it('extends a lease after each third of it', async () => {
    const { clock, asked, hold } = create();
    const delivery = hold('a');
    await clock.advance(3500);
    expect(asked.map(({ at }) => at)).toEqual([1000, 2000, 3000]);
    expect(delivery.validUntil).toBe(3000 + validityOf(lease));
    expect(delivery.isHeld).toBe(true);
  });

  it('extends a short lease to a whole one after a third of it, and soon again while that fails', async () => {
    const { clock, asked, settings, hold } = create();
    const delivery = hold('a', lease, 600);
    settings.answer = false;
    await clock.advance(230);
    settings.answer = true;
    await clock.advance(1770);
    expect(asked.map(({ at, lease: length }) => [at, length])).toEqual([
      [200, lease],
      [230, lease],
      [260, lease],
      [1260, lease],
    ]);
    expect(delivery.validUntil).toBe(1260 + validityOf(lease));
  });

  it('counts validity from before the members were asked', async () => {
    const { clock, settings, hold } = create();
    settings.after = 400;
    const delivery = hold('a');
    await clock.advance(1399);
    expect(delivery.validUntil).toBe(validityOf(lease));
    await clock.advance(1);
    expect(delivery.validUntil).toBe(1000 + validityOf(lease));
  });

  it('extends those that are due together in one request, others of another length in another', async () => {
    const { clock, asked, hold } = create();
    for (const id of ['a', 'b', 'c']) hold(id);
    hold('long', 9000);
    await clock.advance(3000);
    expect(asked.map(({ ids, lease: length }) => [ids.join(''), length])).toEqual([
      ['abc', 3000],
      ['abc', 3000],
      ['abc', 3000],
      ['long', 9000],
    ]);
  });

  it('extends no more than 500 in one request', async () => {
    const { clock, asked, hold } = create();
    for (let index = 0; index < 1100; index++) hold(String(index));
    await clock.advance(1000);
    expect(asked.map(({ ids }) => ids.length)).toEqual([500, 500, 100]);
  });

  it('tries again soon when it meets no quorum, and loses the delivery when its validity passes', async () => {
    const { clock, asked, lost, settings, hold } = create();
    settings.answer = false;
    const delivery = hold('a');
    await clock.advance(5000);
    expect(asked[1]!.at).toBe(1150);
    expect(asked.length).toBeGreaterThan(10);
    expect(lost).toEqual([`a at ${validityOf(lease)}`]);
    expect(delivery.isHeld).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not bring one back to life that was lost while it was extended', async () => {
    const { clock, settings, lost, hold } = create();
    settings.after = 2500;
    const delivery = hold('a');
    await clock.advance(validityOf(lease));
    expect(lost).toHaveLength(1);
    await clock.advance(2000);
    expect(delivery.validUntil).toBe(validityOf(lease));
  });

  it('loses a delivery after a pause of the process that was longer than its validity', async () => {
    const { clock, asked, lost, hold } = create();
    hold('a');
    clock.pause(4000);
    await clock.advance(0);
    expect(lost).toEqual(['a at 4000']);
    expect(asked).toEqual([]);
  });

  it('extends no more once a delivery is removed, and keeps no timer for none', async () => {
    const { clock, keeper, asked, hold } = create();
    const [a, b] = [hold('a'), hold('b')];
    keeper.remove(a);
    await clock.advance(1000);
    expect(asked.map(({ ids }) => ids)).toEqual([['b']]);
    keeper.remove(b);
    expect(keeper.size).toBe(0);
    await clock.advance(10);
    expect(clock.pendingTimers).toBe(0);
  });

  it('extends one by hand, to a lease of its own from then on, and never shortens what it relies on', async () => {
    const { clock, keeper, asked, hold } = create();
    const delivery = hold('a');
    expect(await Promise.all([keeper.extend(delivery, 9000), clock.advance(10)])).toEqual([true, undefined]);
    expect(delivery.validUntil).toBe(validityOf(9000));
    expect(await Promise.all([keeper.extend(delivery, 300), clock.advance(10)])).toEqual([true, undefined]);
    expect(delivery.validUntil).toBe(validityOf(9000));
    await clock.advance(110);
    expect(asked.at(-1)).toMatchObject({ lease: 300, at: 110 });
  });

  it('tells that it could not extend', async () => {
    const { clock, keeper, settings, hold } = create();
    settings.answer = false;
    const delivery = hold('a');
    expect(await Promise.all([keeper.extend(delivery, 9000), clock.advance(10)])).toEqual([false, undefined]);
    expect(delivery.validUntil).toBe(validityOf(lease));
  });
});
