import { describe, expect, it, vi } from 'vitest';
import type { LeasedMessage } from '../../../lib/queue/leaser.js';
import { Settler } from '../../../lib/queue/settler.js';
import { FakeQueueRequests } from '../../support/fake-queue-requests.js';

function create() {
  const fake = new FakeQueueRequests();
  const extend = vi.fn(async () => [true]);
  const settler = new Settler(fake.requests, { extend });
  return { fake, extend, settler };
}

function message(id = 'm1', validUntil = 5000): LeasedMessage {
  return { id, holder: 'h', token: 7, counted: 1, record: '', group: '', validUntil, askedAt: 0 };
}

/** How a settlement ended, or that it has not. */
function outcomeOf(settled: Promise<void>): () => string {
  let outcome = 'open';
  settled.then(
    () => (outcome = 'done'),
    (error: { code: string; reason?: string }) => (outcome = `${error.code} ${error.reason ?? ''}`.trim()),
  );
  return () => outcome;
}

describe('Settler', () => {
  it('asks all members for what is settled in one turn, and each ends by its own quorum', async () => {
    const { fake, settler } = create();
    const outcomes = ['a', 'b', 'c'].map((id) => outcomeOf(settler.ack(message(id))));
    await fake.clock.settle();
    expect(fake.last).toMatchObject({ text: 'Ah 3 abc', members: [0, 1, 2] });
    await fake.reply('AAR', 'ARR');
    expect(outcomes.map((outcome) => outcome())).toEqual(['done', 'open', 'open']);
    fake.last.votes.onReply(2, 'AAA');
    await fake.clock.settle();
    expect(outcomes[1]!()).toBe('done');
  });

  it('sends each verb with what belongs to it', async () => {
    const { fake, settler } = create();
    void settler.nack(message(), 70, true);
    await fake.clock.settle();
    expect(fake.last.text).toBe('Nm1 h 70 1 ');
    void settler.reject(message(), 'größe');
    await fake.clock.settle();
    expect(fake.last.text).toBe('Xm1 h 7 größe');
  });

  it('tells members that did not know of the lease that the message is done, whenever they answer', async () => {
    const { fake, settler } = create();
    void settler.ack(message());
    await fake.clock.settle();
    fake.last.votes.onReply(0, 'R');
    fake.last.votes.onReply(1, 'A');
    fake.last.votes.onReply(2, 'A');
    await fake.clock.settle();
    expect(fake.told).toEqual(['0 Em1 ']);
    const late = create();
    void late.settler.ack(message());
    await late.fake.clock.settle();
    await late.fake.reply('A', 'A', 'R');
    expect(late.fake.told).toEqual(['2 Em1 ']);
  });

  it.each(['ack', 'nack', 'reject'] as const)(
    'tells members of a lease that they do not know, and asks again, when %s is refused within it',
    async (verb) => {
      const { fake, extend, settler } = create();
      const settled = {
        ack: () => settler.ack(message()),
        nack: () => settler.nack(message(), 0, false),
        reject: () => settler.reject(message(), 'no'),
      };
      const outcome = outcomeOf(settled[verb]());
      await fake.clock.advance(1000);
      // a member that was away and came back, and one that went away since
      await fake.reply('A', 'R', undefined);
      expect(extend).toHaveBeenCalledWith([message()], 4000);
      expect(fake.sent).toHaveLength(2);
      await fake.reply(verb === 'ack' ? 'D' : 'A', 'A', undefined);
      expect(outcome()).toBe('done');
    },
  );

  it('is refused when another holds it, after one more try', async () => {
    const { fake, extend, settler } = create();
    const outcome = outcomeOf(settler.ack(message()));
    await fake.clock.settle();
    await fake.reply('R', 'R', 'R');
    await fake.reply('R', 'R', 'R');
    expect(extend).toHaveBeenCalledTimes(1);
    expect(outcome()).toBe('LEASE_LOST refused');
  });

  it('is refused at once when its lease is over', async () => {
    const { fake, extend, settler } = create();
    const outcome = outcomeOf(settler.ack(message('m1', 100)));
    await fake.clock.advance(100);
    await fake.reply('R', 'R', 'A');
    expect(extend).not.toHaveBeenCalled();
    expect(outcome()).toBe('LEASE_LOST refused');
  });

  it('tries again, ever more slowly, while members are missing, and gives up before the lease ends', async () => {
    const { fake, settler } = create();
    const outcome = outcomeOf(settler.ack(message('m1', 400)));
    await fake.clock.settle();
    const askedAt: number[] = [];
    for (let count = 1; outcome() === 'open'; count++) {
      expect(fake.sent).toHaveLength(count);
      askedAt.push(fake.clock.now());
      await fake.reply('A', undefined, undefined);
      await fake.clock.advance(1000);
    }
    expect(outcome()).toBe('NO_QUORUM');
    expect(askedAt.length).toBeGreaterThan(1);
  });

  it('takes done for accepted when it asked before and the answer was lost, but only within its lease', async () => {
    const { fake, settler } = create();
    const outcome = outcomeOf(settler.ack(message()));
    await fake.clock.settle();
    await fake.reply(undefined, undefined, undefined);
    await fake.clock.advance(100);
    await fake.reply('D', 'D', undefined);
    expect(outcome()).toBe('done');
    const late = create();
    const lost = outcomeOf(late.settler.ack(message('m1', 300)));
    await late.fake.clock.settle();
    await late.fake.reply(undefined, undefined, undefined);
    await late.fake.clock.advance(400);
    await late.fake.reply('D', 'D', undefined);
    expect(lost()).toBe('LEASE_LOST refused');
  });

  it('does not take done for accepted when it is asked for the first time, nor for a nack', async () => {
    const first = create();
    const refused = outcomeOf(first.settler.ack(message('m1', 10)));
    await first.fake.clock.settle();
    await first.fake.clock.advance(10);
    await first.fake.reply('D', 'D', 'D');
    expect(refused()).toBe('LEASE_LOST refused');
    const { fake, settler } = create();
    const outcome = outcomeOf(settler.nack(message(), 0, false));
    await fake.clock.settle();
    for (let round = 0; round < 2; round++) await fake.reply('D', 'D', 'D');
    expect(outcome()).toBe('LEASE_LOST refused');
  });
});
