import { describe, expect, it } from 'vitest';
import { InvalidOptionsError, LeaseLostError } from '../../../lib/errors.js';
import { HeldDelivery, type DeliveryContext } from '../../../lib/queue/held-delivery.js';
import type { Backoff, BackoffFunction, Delivery } from '../../../lib/queue/queue.js';

/** A delivery that is held for 1000 ms, and what it asks of its queue. */
function hold({ counted = 1, backoff, own }: { counted?: number; backoff?: Backoff; own?: Backoff } = {}) {
  const time = { now: 0 };
  const acts: string[] = [];
  const outcomes: Record<string, () => Promise<void>> = {};
  const act = (text: string): Promise<void> => {
    acts.push(text);
    return outcomes[text.split(' ')[0]!]?.() ?? Promise.resolve();
  };
  let extended = true;
  const context: DeliveryContext = {
    queue: 'mail',
    now: () => time.now,
    checkLease: (lease) => {
      if (lease === 5) throw new InvalidOptionsError('lease', 'more', '5');
      return lease as number;
    },
    checkDelay: (delay) => {
      if (delay === -1) throw new InvalidOptionsError('delay', 'more', '-1');
      return delay as number;
    },
    backoffDelay: (rule: Backoff | BackoffFunction | undefined, delivery: Delivery, error: unknown) => {
      acts.push(`backoff ${(rule as Backoff | undefined)?.delay} ${delivery.attempt} ${String(error)}`);
      return 77;
    },
    ack: () => act('ack'),
    nack: (_, delay, isFree) => act(`nack ${delay} ${isFree}`),
    reject: (_, reason) => act(`reject ${reason}`),
    extend: async (_, lease) => {
      acts.push(`extend ${lease}`);
      return extended;
    },
    onEnded: () => acts.push('ended'),
    onLost: (_, error) => acts.push(`lost ${error.reason}`),
    noQuorum: () => new Error('no quorum'),
  };
  const message = {
    id: '1732345678901234-AbCdEfGh',
    holder: 'h',
    token: 7,
    counted,
    record: '',
    group: 'g',
    validUntil: 1000,
    askedAt: 0,
  };
  const record = {
    priority: 3,
    group: 'g',
    maxAttempts: 3,
    backoff,
    callerId: '',
    trace: '',
    body: { kind: 'S', text: '1' } as const,
  };
  const delivery = new HeldDelivery(context, message, record, 'body', 30_000, own, () => acts.push('told'));
  return { delivery, acts, time, outcomes, refuseExtensions: () => (extended = false), message, record, context };
}

describe('a held delivery', () => {
  it('tells what it is, and that it is held until its validity passes', () => {
    const { delivery, time } = hold({ counted: 2_000_002 });
    expect(delivery).toMatchObject({
      queue: 'mail',
      id: '1732345678901234-AbCdEfGh',
      body: 'body',
      attempt: 2,
      maxAttempts: 3,
      token: 7,
      priority: 3,
      group: 'g',
      isHeld: true,
    });
    expect(delivery.createdAt).toEqual(new Date(1_732_345_678_901));
    time.now = 999;
    expect(delivery.isHeld).toBe(true);
    time.now = 1000;
    expect(delivery.isHeld).toBe(false);
  });

  it('is known by the caller’s id when there is one', () => {
    const { context, message, record } = hold();
    const own = new HeldDelivery(
      context,
      message,
      { ...record, callerId: 'order-7', group: '' },
      1,
      1,
      undefined,
      () => 0,
    );
    expect([own.id, own.group]).toEqual(['order-7', undefined]);
  });

  it('is settled once: the same call again has the same outcome, another one is refused', async () => {
    for (const verb of ['ack', 'nack', 'reject', 'giveBack'] as const) {
      const { delivery, acts } = hold();
      await delivery[verb]();
      await delivery[verb]();
      expect(acts.filter((one) => one === 'told')).toHaveLength(1);
      for (const other of (['ack', 'nack', 'reject', 'giveBack'] as const).filter((one) => one !== verb)) {
        await expect(delivery[other]()).rejects.toMatchObject({ code: 'LEASE_LOST', reason: 'settled', token: 7 });
      }
      await expect(delivery.extend()).rejects.toMatchObject({ reason: 'settled' });
      expect(delivery.isHeld).toBe(false);
    }
  });

  it('ends when it is settled, not when the members have answered', async () => {
    const { delivery, acts, outcomes } = hold();
    outcomes['ack'] = () => Promise.reject(new Error('no quorum'));
    const first = delivery.ack();
    expect(acts).toEqual(['ack', 'ended', 'told']);
    await expect(first).rejects.toThrow('no quorum');
    await expect(delivery.ack()).rejects.toThrow('no quorum');
    expect(acts).toHaveLength(3);
  });

  it('sends no settlement once its validity passed, as it could still count somewhere', async () => {
    for (const verb of ['ack', 'nack', 'reject', 'giveBack'] as const) {
      const { delivery, acts, time } = hold();
      time.now = 1000;
      await expect(delivery[verb]()).rejects.toMatchObject({ reason: 'validity-passed' });
      expect(acts).toEqual(['ended', 'told', 'lost validity-passed']);
      expect(delivery.signal.aborted).toBe(true);
    }
  });

  it('aborts its signal with the error when it is lost, also one that is made afterwards', () => {
    const before = hold();
    const { signal } = before.delivery;
    before.delivery.lose();
    before.delivery.lose();
    expect(signal.reason).toBeInstanceOf(LeaseLostError);
    expect(before.acts).toEqual(['ended', 'told', 'lost validity-passed']);
    const after = hold();
    after.delivery.lose();
    expect(after.delivery.signal.reason).toMatchObject({ reason: 'validity-passed', id: after.message.id });
  });

  it('is not lost any more once it is settled', async () => {
    const { delivery, acts, time } = hold();
    const { signal } = delivery;
    await delivery.ack();
    time.now = 5000;
    delivery.lose();
    expect(signal.aborted).toBe(false);
    expect(acts).toEqual(['ack', 'ended', 'told']);
  });

  it('rests after a nack: what is asked for, else by the consumer’s backoff, else the message’s', async () => {
    const asked = hold({ backoff: { type: 'fixed', delay: 5 } });
    await asked.delivery.nack({ delay: 60 });
    expect(asked.acts[0]).toBe('nack 60 false');
    const messages = hold({ backoff: { type: 'fixed', delay: 5 } });
    await messages.delivery.nack({ error: 'why' });
    expect(messages.acts.slice(0, 2)).toEqual(['backoff 5 1 why', 'nack 77 false']);
    const consumers = hold({ backoff: { type: 'fixed', delay: 5 }, own: { type: 'fixed', delay: 9 } });
    await consumers.delivery.nack();
    expect(consumers.acts[0]).toBe('backoff 9 1 undefined');
  });

  it('becomes a dead letter with the reason when its last attempt is nacked, and not before', async () => {
    const second = hold({ counted: 2 });
    await second.delivery.nack({ delay: 0, error: new Error('x') });
    expect(second.acts[0]).toBe('nack 0 false');
    const long = 'x'.repeat(2000);
    for (const [error, reason] of [
      [new RangeError('too far'), 'RangeError: too far'],
      ['why', 'why'],
      [undefined, 'failed'],
      [{ code: 7 }, '{ code: 7 }'],
      [long, long.slice(0, 1000)],
    ] as const) {
      const last = hold({ counted: 1_000_003 });
      await last.delivery.nack({ delay: 0, error });
      expect(last.acts[0]).toBe(`reject ${reason}`);
    }
  });

  it('is given back without counting', async () => {
    const { delivery, acts } = hold();
    await delivery.giveBack();
    expect(acts[0]).toBe('nack 0 true');
  });

  it('refuses bad options before anything is sent, and stays held', async () => {
    const { delivery, acts } = hold();
    expect(() => delivery.nack({ delay: -1 })).toThrow(InvalidOptionsError);
    await expect(delivery.extend(5)).rejects.toBeInstanceOf(InvalidOptionsError);
    expect(acts).toEqual([]);
    expect(delivery.isHeld).toBe(true);
  });

  it('extends by hand for the lease it has, or another', async () => {
    const { delivery, acts } = hold();
    await delivery.extend();
    await delivery.extend(500);
    expect(acts).toEqual(['extend 30000', 'extend 500']);
  });

  it('tells apart that it could not be extended and that it is lost', async () => {
    const open = hold();
    open.refuseExtensions();
    await expect(open.delivery.extend()).rejects.toThrow('no quorum');
    open.time.now = 1000;
    await expect(open.delivery.extend()).rejects.toMatchObject({ reason: 'validity-passed' });
  });

  it('can be taken back from a consumer that is still at work, who is told', async () => {
    const { delivery, acts } = hold();
    await delivery.takeBack();
    expect(acts[0]).toBe('nack 0 true');
    expect(delivery.signal.reason).toMatchObject({ reason: 'given-back' });
    await delivery.takeBack();
    expect(acts.filter((one) => one.startsWith('nack'))).toHaveLength(1);
  });
});
