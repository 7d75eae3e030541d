import { describe, expect, it } from 'vitest';
import type { Member } from '../../../lib/member/member.js';
import type { LeasedMessage } from '../../../lib/queue/leaser.js';
import { Stand } from '../../../lib/queue/stand.js';
import { validityOf } from '../../../lib/quorum/validity.js';
import { FakeQueueRequests } from '../../support/fake-queue-requests.js';

const createdUs = 1_732_345_678_901_237;
const id = `${createdUs}-AAAAAAAA`;
const other = `${createdUs + 1}-AAAAAAAA`;
const lease = 500;
/** The first member's time when it was told of the consumer; each other one is an hour ahead of the one before. */
const memberMs = 1_732_345_000_000;
const since = (index: number): number => memberMs + index * 3_600_000;

/** A consumer that stands at all members since `asked`, home being the first one. */
async function create({ size = 5, asked = 0, standing = 9 } = {}) {
  const fake = new FakeQueueRequests(size);
  const leased: (readonly LeasedMessage[])[] = [];
  const askedAgain: LeasedMessage[] = [];
  const answer: { votes: readonly LeasedMessage[] } = { votes: [] };
  let handed = 0;
  const stand = new Stand(
    fake.requests,
    {
      leaseHanded: async (message) => {
        askedAgain.push(message);
        return [...answer.votes];
      },
    },
    { onHanded: () => (handed += 1), onLeased: (_, some) => leased.push(some) },
    60_000,
  );
  const members = fake.requests.group.members as unknown as Member[];
  await fake.clock.advance(asked);
  fake.answer = (index, text) => (text.startsWith('I') && index < standing ? String(since(index)) : undefined);
  stand.standAtOthers(members[0]!, -Infinity);
  stand.noteListening(members[0]!, { memberMs: String(since(0)), sentAt: asked });
  await fake.clock.settle();
  /** A member hands out a message, so long after it was told of the consumer. */
  const hand = (index: number, age: number, message = id, known = since(index)): void =>
    fake.listeners.get(`${index} ${stand.id}`)?.(`leased ${message} ${lease} ${known} ${age} record`);
  return { fake, stand, members, leased, askedAgain, answer, hand, handed: () => handed };
}

describe('a stand', () => {
  it('makes a lease of what a quorum handed out, in the words of the record', async () => {
    const { stand, leased, hand, handed, askedAgain, fake } = await create();
    await fake.clock.advance(3);
    for (const index of [4, 4, 1]) hand(index, 3);
    expect(leased).toEqual([]);
    hand(3, 3);
    expect(leased).toEqual([[expect.objectContaining({ id, token: createdUs, counted: 1, record: 'record' })]]);
    expect(leased[0]![0]).toMatchObject({ holder: stand.id, group: '', shortLease: lease });
    for (const index of [0, 2]) hand(index, 4);
    await fake.clock.advance(5000);
    expect([leased.length, askedAgain.length, handed()]).toEqual([1, 0, 1]);
  });

  it('counts validity from when the first of them can have leased it at the earliest, by its own clock (S38)', async () => {
    const { leased, hand, fake } = await create();
    await fake.clock.advance(4000);
    // what they tell came late: that clock of theirs may have run faster by a hundredth, and cut off a ms
    hand(0, 3981);
    hand(1, 3801);
    hand(2, 3991);
    const earliest = 3800 * 0.99;
    expect(leased[0]![0]).toMatchObject({ askedAt: earliest, validUntil: earliest + validityOf(lease) });
  });

  it('is never leased in the future, whatever a clock says that was set', async () => {
    const { leased, hand, fake } = await create({ asked: 100 });
    await fake.clock.advance(10);
    for (const index of [0, 1, 2]) hand(index, 60_000);
    expect(leased[0]![0]).toMatchObject({ askedAt: 110, validUntil: 110 + validityOf(lease) });
  });

  it('asks all members when the validity of what they handed out has passed, or they told too late to be counted (S05 S38)', async () => {
    for (const [age, maxOperationTime] of [
      [3500, 2000],
      [3900, 100],
    ] as const) {
      const { leased, askedAgain, hand, fake } = await create();
      Object.assign(fake.requests.group, { maxOperationTime });
      await fake.clock.advance(4000);
      for (const index of [0, 1, 2]) hand(index, age);
      await fake.clock.settle();
      expect(askedAgain.map((message) => message.id)).toEqual([id]);
      expect(leased).toEqual([[]]);
    }
  });

  it('counts no member twice, nor one of which it does not know since when it stands there (S39)', async () => {
    const { leased, askedAgain, hand } = await create({ standing: 4 });
    hand(1, 1);
    hand(1, 1);
    hand(4, 1);
    hand(2, 1, id, since(2) + 1);
    expect([leased, askedAgain]).toEqual([[], []]);
    hand(0, 1);
    hand(3, 1);
    expect(leased.length).toBe(1);
  });

  it('knows a member by the answer before the last one, too', async () => {
    const { stand, members, leased, hand, fake } = await create({ size: 3 });
    await fake.clock.advance(1000);
    stand.noteListening(members[0]!, { memberMs: String(since(0) + 1000), sentAt: 1000 });
    hand(0, 999);
    hand(1, 999);
    expect(leased[0]![0]).toMatchObject({ askedAt: 998 * 0.99 });
  });

  it('asks all members at once where too few know it, else when others had three round trips to hand it out', async () => {
    const few = await create({ standing: 2 });
    few.hand(0, 1);
    expect(few.askedAgain).toMatchObject([{ id, shortLease: lease }]);
    const { fake, hand, members, askedAgain, answer, leased } = await create();
    Object.assign(members[3]!, { roundTripMs: 7 });
    hand(0, 1);
    hand(2, 1);
    await fake.clock.advance(20);
    expect(askedAgain).toEqual([]);
    answer.votes = [{ id } as LeasedMessage];
    await fake.clock.advance(1);
    hand(3, 1);
    await fake.clock.settle();
    expect([askedAgain.length, leased]).toEqual([1, [[{ id }]]]);
  });

  it('gives back what home handed to another, before that one asks for it', async () => {
    const few = await create({ standing: 2 });
    few.hand(1, 1);
    expect(few.fake.told).toEqual([`1 N${id} ${few.stand.id} 0 2 `]);
    const { fake, stand, hand, members, askedAgain, leased } = await create();
    Object.assign(members[3]!, { roundTripMs: 7 });
    hand(1, 1);
    hand(2, 1);
    await fake.clock.advance(13);
    expect(fake.told).toEqual([]);
    await fake.clock.advance(1);
    hand(3, 1);
    expect(fake.told).toEqual([1, 2, 3].map((index) => `${index} N${id} ${stand.id} 0 2 `));
    expect([askedAgain, leased]).toEqual([[], [[]]]);
  });

  it('waits for those that vote and know it only, and for no more than a fifth of the lease', async () => {
    const { fake, hand, members, askedAgain } = await create();
    Object.assign(members[3]!, { roundTripMs: 200 });
    Object.assign(members[4]!, { roundTripMs: 7000, state: 'down' });
    hand(0, 1);
    await fake.clock.advance(99);
    expect(askedAgain).toEqual([]);
    await fake.clock.advance(1);
    expect(askedAgain).toHaveLength(1);
  });

  it('says for how long it wants messages: as its consumer leases them, and no more than 5 s', async () => {
    const { stand, fake } = await create();
    expect(stand.who).toBe(`inbox-client ${stand.id} 5000`);
    const other = new Stand(
      fake.requests,
      { leaseHanded: async () => [] },
      { onHanded: () => 0, onLeased: () => 0 },
      700,
    );
    expect(other.who).toBe(`inbox-client ${other.id} 700`);
  });

  it('takes a message of a member whose clock was set back for leased long ago', async () => {
    const { leased, askedAgain, hand, fake } = await create();
    await fake.clock.advance(1);
    for (const index of [0, 1, 2]) hand(index, -1000);
    await fake.clock.settle();
    expect([leased, askedAgain.length, fake.told]).toEqual([[[]], 1, []]);
  });

  it('gives back a second message where it is handed one: no holder has two', async () => {
    const { fake, stand, hand, leased, handed } = await create();
    hand(0, 1);
    hand(1, 1, other);
    expect(fake.told).toEqual([`1 N${other} ${stand.id} 0 2 `]);
    expect([leased, handed()]).toEqual([[], 1]);
  });

  it('rings for a wake-up without a message', async () => {
    const { fake, stand, leased, handed } = await create();
    fake.listeners.get(`0 ${stand.id}`)!('ready');
    expect([leased, handed()]).toEqual([[[]], 0]);
  });

  it('leaves where it stands, also where it comes to stand later', async () => {
    const { fake, stand, members, hand } = await create();
    hand(1, 1);
    stand.leave(members[0]);
    expect(fake.told).toEqual([2, 3, 4].map((index) => `${index} B${stand.who}`));
    const later = await create();
    later.stand.standAtOthers(later.members[0]!, Infinity);
    later.stand.close();
    later.fake.told.length = 0;
    await later.fake.clock.settle();
    await later.fake.clock.advance(500);
    expect(later.fake.told).toEqual([1, 2, 3, 4].map((index) => `${index} B${later.stand.who}`));
    expect(later.fake.listeners.size).toBe(0);
  });

  it('asks none again that was asked a moment ago, unless it was away since', async () => {
    const { fake, stand, members } = await create({ size: 3, asked: 10 });
    const asked: number[] = [];
    fake.answer = (index) => void asked.push(index);
    stand.standAtOthers(members[0]!, 10);
    expect(asked).toEqual([]);
    Object.assign(members[2]!, { state: 'down' });
    stand.noteAway();
    stand.standAtOthers(members[0]!, 10);
    expect(asked).toEqual([2]);
    stand.standAtOthers(members[0]!, 11);
    expect(asked).toEqual([2, 1, 2]);
  });
});
