import { describe, expect, it } from 'vitest';
import type { Member } from '../../../lib/member/member.js';
import { Bell } from '../../../lib/queue/bell.js';
import type { LeasedMessage, Leaser } from '../../../lib/queue/leaser.js';
import { FakeQueueRequests } from '../../support/fake-queue-requests.js';

const ids = ['A', 'B', 'C'].map((letter) => `1732345678901237-${letter.repeat(8)}`) as [string, string, string];
const [first, second, third] = ids;
const memberMs = '1732345000000';
const lease = 500;
const { signal } = new AbortController();

/** An idle consumer that stands at all of three members. */
async function create() {
  const fake = new FakeQueueRequests(3);
  const leaser = { leaseHanded: async (message: LeasedMessage) => [message] };
  const bell = new Bell(fake.requests, leaser as unknown as Leaser, lease);
  const members = fake.requests.group.members as unknown as Member[];
  const asked: string[] = [];
  fake.answer = (index, text) => {
    asked.push(`${index} ${text}`);
    return memberMs;
  };
  const stand = async (): Promise<void> => {
    bell.noteListening(members[0]!, bell.who, { memberMs, sentAt: fake.clock.now() });
    bell.standAtOthers(members[0]!);
    await fake.clock.settle();
  };
  const hand = (who: string, id: string, ...indices: number[]): void => {
    for (const index of indices) {
      fake.listeners.get(`${index} ${who.split(' ')[1]}`)?.(`leased ${id} 500 ${memberMs} 1 record`);
    }
  };
  /** What was given back to all members. */
  const returned = (): string[] =>
    ids.filter(
      (id) => fake.told.filter((text) => text.slice(2).startsWith(`N${id} `) && text.endsWith(' 0 2 ')).length === 3,
    );
  const taken = (): string[] => bell.takeHanded().map(({ id }) => id);
  await bell.open(members[0]!, signal);
  await stand();
  return { fake, bell, members, asked, returned, stand, hand, taken };
}

describe('the bell of an idle consumer', () => {
  it('rings for what a quorum handed out, and gives it once', async () => {
    const { fake, bell, hand, taken } = await create();
    const rest = bell.rest(5000, signal);
    hand(bell.who, first, 0, 1);
    expect(await rest).toBe(true);
    expect([taken(), taken()]).toEqual([[first], []]);
    expect(fake.clock.pendingTimers).toBe(0);
  });

  it('stands under another name for the next message, so that a late word of the first is of nobody’s (S40)', async () => {
    const { bell, stand, hand, taken } = await create();
    const names = new Set<string>();
    for (const id of ids) {
      const { who } = bell;
      names.add(who);
      hand(who, id, 0, 1);
      expect(bell.who).not.toBe(who);
      await stand();
      hand(who, first, 2);
    }
    expect(names.size).toBe(3);
    expect(taken()).toEqual([first, second, third]);
    hand([...names][0]!, first, 0, 1, 2);
    expect(taken()).toEqual([]);
  });

  it('leaves the name before the last one where it still stands, and rings for it yet', async () => {
    const { fake, bell, stand, hand } = await create();
    const { who } = bell;
    hand(who, first, 0, 1);
    await stand();
    expect(fake.told).toEqual([]);
    hand(bell.who, second, 0, 1);
    expect(fake.told).toEqual([`2 B${who}`]);
    await bell.rest(0, signal);
    const rest = bell.rest(5000, signal);
    fake.listeners.get(`2 ${who.split(' ')[1]}`)!('ready');
    expect(await rest).toBe(true);
  });

  it('leaves a name that is used up where home comes to know it late', async () => {
    const { fake, bell, members, hand } = await create();
    const { who } = bell;
    hand(who, first, 0, 1);
    bell.noteListening(members[0]!, who, { memberMs, sentAt: 0 });
    expect(fake.told).toEqual([`0 B${who}`]);
  });

  it('hears under no more than the last names', async () => {
    const { fake, bell, stand, hand } = await create();
    for (let count = 0; count < 40; count++) {
      hand(bell.who, first, 0, 1);
      await stand();
    }
    expect(fake.listeners.size).toBe(17 * 3);
  });

  it('gives nothing whose validity has passed', async () => {
    const { fake, bell, hand, taken } = await create();
    hand(bell.who, first, 0, 1);
    await fake.clock.advance(500);
    expect(taken()).toEqual([]);
  });

  it('gives back what it was handed and what is handed to it until something is taken', async () => {
    const { bell, stand, hand, taken, returned } = await create();
    hand(bell.who, first, 0, 1);
    bell.refuseHanded();
    await stand();
    hand(bell.who, second, 0, 1);
    expect([returned(), taken()]).toEqual([[first, second], []]);
    await stand();
    hand(bell.who, third, 0, 1);
    expect(taken()).toEqual([third]);
  });

  it('stands again at members that were away, and rings as soon as one comes or goes', async () => {
    const { fake, bell, members, asked, stand } = await create();
    asked.length = 0;
    Object.assign(members[1]!, { state: 'down' });
    const rest = bell.rest(5000, signal);
    fake.events.next({ type: 'member', member: 'redis-2', state: 'down', reason: undefined });
    expect(await rest).toBe(true);
    Object.assign(members[1]!, { state: 'voting' });
    await stand();
    expect(asked).toEqual([`1 I${bell.who}`]);
  });

  it('rests for as long as it is told to, or until the signal aborts', async () => {
    const { fake, bell } = await create();
    const controller = new AbortController();
    const rests = [bell.rest(50, controller.signal)];
    await fake.clock.advance(50);
    rests.push(bell.rest(5000, controller.signal));
    controller.abort();
    rests.push(bell.rest(5000, controller.signal));
    expect(await Promise.all(rests)).toEqual([false, false, false]);
    expect(fake.clock.pendingTimers).toBe(0);
  });

  it('leaves all members when it is closed, gives back what it was handed, and soon hears nothing more', async () => {
    const { fake, bell, asked, returned, hand } = await create();
    hand(bell.who, first, 0, 1);
    asked.length = 0;
    bell.close();
    expect(returned()).toEqual([first]);
    expect(asked).toEqual([`0 I${bell.who}`]);
    expect(fake.told.filter((text) => text.slice(2).startsWith('B'))).toHaveLength(1);
    await fake.clock.advance(500);
    expect(fake.listeners.size).toBe(0);
  });

  it('stands nowhere when an answer comes after it was closed, and gives back what it is handed all the same', async () => {
    const { fake, bell, members, asked, hand, returned } = await create();
    const { who } = bell;
    bell.close();
    asked.length = 0;
    fake.told.length = 0;
    bell.noteListening(members[0]!, who, { memberMs, sentAt: 0 });
    bell.standAtOthers(members[0]!);
    await fake.clock.settle();
    expect([asked, fake.told]).toEqual([[], [`0 B${who}`]]);
    hand(who, first, 0, 1, 2);
    expect(returned()).toEqual([first]);
  });

  it('gives back at once what is being handed to it when it is closed', async () => {
    const { fake, bell, hand } = await create();
    const { who } = bell;
    hand(who, first, 1);
    bell.close();
    hand(who, first, 0);
    const back = fake.told.filter((text) => text.slice(2).startsWith('N'));
    expect(back).toEqual([1, 0].map((index) => `${index} N${first} ${who.split(' ')[1]} 0 2 `));
  });
});
