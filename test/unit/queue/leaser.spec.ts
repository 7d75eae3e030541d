import { describe, expect, it } from 'vitest';
import type { Member } from '../../../lib/member/member.js';
import { Leaser, type LeasedMessage, type LeaseRound } from '../../../lib/queue/leaser.js';
import { createMemberTime } from '../../../lib/queue/member-time.js';
import { recordText } from '../../../lib/queue/message-record.js';
import { validityOf } from '../../../lib/quorum/validity.js';
import { FakeQueueRequests } from '../../support/fake-queue-requests.js';

/** Ids of messages, as long as they are. */
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => name.padStart(25, '0')) as [string, string, string, string];

/** What the members' clocks say, µs. */
const memberUs = 1_732_345_678_901_237;

const recordOf = (group = ''): string =>
  recordText({
    priority: 0,
    group,
    maxAttempts: 5,
    backoff: undefined,
    callerId: '',
    trace: '',
    body: { kind: 'S', text: '1' },
  });

/** A round in which home, the first member, proposes these messages; the others are still to answer. */
async function propose(ids: readonly string[], { group = '', size = 3, token = 0 } = {}) {
  const fake = new FakeQueueRequests(size);
  const time = createMemberTime(fake.clock, fake.requests.group.random, fake.requests.group.quorum);
  const leaser = new Leaser(fake.requests, time);
  const asked: string[] = [];
  fake.answer = (_, text) => {
    asked.push(text);
    if (text === 'T') return String(memberUs);
    const run = `${token || Number(text.split(' ')[1])} 1 ${ids.length} ${ids.join('')}`;
    return [run, ...ids.map(() => recordOf(group))];
  };
  const home = fake.requests.group.members[0] as unknown as Member;
  const round: { done?: LeaseRound } = {};
  void leaser.lease(10, 3000, home, undefined).then((done) => (round.done = done));
  await fake.clock.settle();
  const others = (...replies: (string | undefined)[]) => {
    replies.forEach((reply, index) => {
      if (reply === undefined) fake.last.votes.onFailure(index + 1, 'suspect');
      else fake.last.votes.onReply(index + 1, reply);
    });
    return fake.clock.settle();
  };
  const leased = () => round.done?.leased.map(({ id }) => id);
  return { fake, time, leaser, home, asked, round, others, leased };
}

describe('Leaser', () => {
  it('asks home first, under a token of the members’ time, then the others for the same messages', async () => {
    const { fake, asked, leased, others } = await propose([a, b], { group: 'größe' });
    expect(asked).toEqual(['T', 'T', 'T', `Lid-2 ${memberUs} 3000 10 -`]);
    expect(fake.last).toMatchObject({ text: `F3000 id-2 ${memberUs} 1 7 größe 2 ${a}${b}`, members: [1, 2] });
    await others('GG');
    expect(leased()).toEqual([a, b]);
    expect(fake.told).toEqual([]);
  });

  it('asks for the time once, and never goes below a token it has seen', async () => {
    const high = memberUs + 5_000_000;
    const { leaser, home, asked, time } = await propose([a], { token: high });
    void leaser.lease(1, 3000, home, 'inbox one');
    await Promise.resolve();
    expect(asked.at(-1)).toBe(`Lid-3 ${high + 1} 3000 1 inbox one`);
    expect(time.tokens.next()).toBeGreaterThan(high);
  });

  it('relies on a lease from before home was asked, and not beyond its validity', async () => {
    const { round, others } = await propose([a]);
    await others('G');
    expect(round.done!.leased[0]).toMatchObject({ askedAt: 0, validUntil: validityOf(3000), counted: 1 });
  });

  it('tells when to look again when home has nothing', async () => {
    for (const [answer, waitMs] of [
      [['-1'], Infinity],
      [['0'], 1],
      [['250'], 250],
      [undefined, 20],
    ] as const) {
      const { leaser, fake, home } = await propose([]);
      fake.answer = () => answer;
      expect(await leaser.lease(1, 3000, home, undefined)).toEqual({ leased: [], waitMs });
    }
  });

  it('gives back at once what no quorum leased, and lets it rest as long as another has it', async () => {
    const { fake, leased, others } = await propose([a, b, c, d]);
    await others('G L700 T99 L99999', 'L10 L300 L5 L1');
    expect(leased()).toEqual([a]);
    expect(fake.told).toEqual([0, 1, 2].map((member) => `${member} N${b} id-2 700 1 ${c} id-2 20 1 ${d} id-2 5000 1 `));
  });

  it('goes above a token that a member refused', async () => {
    const { time, others } = await propose([a]);
    await others(`T${memberUs + 9_000_000}`, 'L5');
    expect(time.tokens.next()).toBeGreaterThan(memberUs + 9_000_000);
  });

  it('does not deliver what is done anywhere, and spreads that (S25)', async () => {
    const { fake, leased, others } = await propose([a, b], { size: 5 });
    await others('GD', 'DG', 'GG', 'GG');
    expect(leased()).toEqual([]);
    // whoever else has leased it keeps it: the holder is this round's own (S35)
    expect(fake.told).toEqual([0, 1, 2, 3, 4].flatMap((member) => [`${member} D${a} id-2 ${b} id-2 `]));
  });

  it('makes a message dead everywhere that was given up while home was away', async () => {
    const { fake, leased, others } = await propose([a]);
    await others('X', 'X');
    expect(leased()).toEqual([]);
    expect(fake.told[0]).toBe(`0 X${a} id-2 15 given up before`);
    // one member that says so is no quorum
    const minority = await propose([a]);
    await minority.others('X', 'G');
    expect(minority.leased()).toEqual([a]);
  });

  it('gives members the record of what they leased without knowing it', async () => {
    const { fake, others } = await propose([a, b]);
    await others('GG', 'BG');
    const record = recordOf();
    expect(fake.told).toEqual([`2 H${a} R 0 0 ${record.length} ${record}`]);
  });

  it('counts attempts as the member does that counts most', async () => {
    const { round, others } = await propose([a, b]);
    await others('G4 B1000002', 'GG');
    expect(round.done!.leased.map(({ counted }) => counted)).toEqual([4, 1_000_002]);
  });

  it('does not deliver a message when its votes took longer than its validity, or than votes are counted', async () => {
    const { fake, leased, others } = await propose([a]);
    fake.clock.pause(2001);
    await others('G', 'G');
    expect(leased()).toEqual([]);
    expect(fake.told[0]).toBe(`0 N${a} id-2 20 1 `);
  });

  it('extends by a quorum, each on its own', async () => {
    const { fake, leaser, round, others } = await propose([a, b]);
    await others('GG');
    const extended = leaser.extend(round.done!.leased, 9000);
    await fake.clock.settle();
    expect(fake.last).toMatchObject({ members: [0, 1, 2] });
    expect(fake.last.text).toBe(`F9000 id-2 ${memberUs} 1 0  2 ${a}${b}`);
    await fake.reply('GG', 'L5 B');
    await fake.reply('L5 L5', 'L5 L5', 'L5 G');
    expect(await extended).toEqual([false, true]);
  });

  it('asks all members for a message that some handed out, under the same holder and token', async () => {
    const { fake, leaser, time } = await propose([]);
    const token = memberUs + 7_000_000;
    const message: LeasedMessage = {
      id: a,
      token,
      counted: 1,
      record: recordOf(),
      group: '',
      holder: 'stand',
      askedAt: -400,
      validUntil: 90,
      shortLease: 500,
    };
    let done: readonly LeasedMessage[] | undefined;
    void leaser.leaseHanded(message).then((leased) => (done = leased));
    await fake.clock.settle();
    expect(fake.last.members).toEqual([0, 1, 2]);
    expect(fake.last.text).toMatch(new RegExp(`^F500 stand ${token} 1 0  1 ${a}$`));
    fake.last.votes.onReply(1, 'G');
    await fake.clock.settle();
    expect(done).toBeUndefined();
    await fake.reply('G');
    expect(done).toEqual([{ ...message, askedAt: 0, validUntil: validityOf(500) }]);
    expect(time.tokens.next()).toBeGreaterThan(token);
  });

  it('lets rest only for a moment what others have that were handed it, too', async () => {
    const { fake, leaser } = await propose([]);
    const message = {
      id: a,
      token: memberUs,
      counted: 1,
      record: recordOf(),
      group: '',
      holder: 'stand',
      shortLease: 500,
    };
    const done = leaser.leaseHanded({ ...message, askedAt: 0, validUntil: 400 });
    await fake.clock.settle();
    await fake.reply('G', 'L498', 'L498');
    expect(await done).toEqual([]);
    expect(fake.told[0]).toBe(`0 N${a} stand 20 2 `);
  });

  it('tells since when home knows of who is to be woken', async () => {
    const { fake, leaser, home } = await propose([]);
    fake.answer = () => ['-1 1732345678901'];
    await fake.clock.advance(5);
    expect(await leaser.lease(1, 3000, home, 'inbox one')).toMatchObject({
      waitMs: Infinity,
      listening: { memberMs: '1732345678901', sentAt: 5 },
    });
    expect((await leaser.lease(1, 3000, home, undefined)).listening).toBeUndefined();
  });
});
