import { describe, expect, it } from 'vitest';
import { HandedVotes, mayBeHanded, parseCall, type Handed } from '../../../lib/lock/hand-over.js';
import type { Member } from '../../../lib/member/member.js';
import type { Group } from '../../../lib/quorum/group.js';
import { validityOf } from '../../../lib/quorum/validity.js';
import { VirtualClock } from '../../support/virtual-clock.js';

const members = Array.from({ length: 5 }, (_, index) => ({ index }) as Member);
const handed = (token = 7, next?: Handed['next']): Handed => ({ word: 'handed', token, lease: 500, next });

function create(maxOperationTime = 2000) {
  const clock = new VirtualClock();
  const group = { quorum: 3, maxOperationTime, now: () => clock.now() } as unknown as Group;
  const votes = new HandedVotes(group, clock.now());
  const hear = (count: number, call = handed()): void =>
    members.slice(0, count).forEach((one) => votes.note(one, call));
  return { clock, votes, hear };
}

describe('a message to a waiter', () => {
  it.each([
    ['turn 17', { word: 'turn', token: 17, next: undefined }],
    [
      'turn 17 b exclusive p:inbox:c 40',
      { word: 'turn', token: 17, next: { holder: 'b', channel: 'p:inbox:c', since: 960 } },
    ],
    ['turn 17 b shared p:inbox:c 40', { word: 'turn', token: 17, next: undefined }],
    ['handed 18 500', { word: 'handed', token: 18, lease: 500, next: undefined }],
    [
      'handed 18 500 b exclusive p:inbox:c 0',
      { word: 'handed', token: 18, lease: 500, next: { holder: 'b', channel: 'p:inbox:c', since: 1000 } },
    ],
    ['ready', undefined],
  ])('%s', (text, call) => {
    expect(parseCall(text, 1000)).toEqual(call);
  });
});

it('a lock is handed only to who has not waited for long', () => {
  const next = { holder: 'b', channel: 'c', since: 1000 };
  expect(mayBeHanded(next, 1149)).toBe(true);
  expect(mayBeHanded(next, 1150)).toBe(false);
});

describe('votes that were handed over', () => {
  it('are no grant below a quorum, however often one member tells', () => {
    const { votes, hear } = create();
    hear(2);
    hear(2);
    expect(votes.grant()).toBeUndefined();
    expect(votes.token).toBe(7);
  });

  it('are a grant of a quorum, with the lease that members gave', () => {
    const { votes, hear } = create();
    const next = { holder: 'b', channel: 'c', since: 0 };
    hear(1, handed(7, next));
    hear(3);
    expect(votes.grant()).toEqual({ token: 7, askedAt: 0, validUntil: validityOf(500), isBrief: true, behind: votes });
    expect(votes.next).toBe(next);
  });

  it('are valid from when the waiter came, not from when it heard of them (S34)', async () => {
    const { clock, votes, hear } = create();
    await clock.advance(100);
    hear(3);
    expect(votes.grant()).toMatchObject({ askedAt: 0, validUntil: validityOf(500) });
    await clock.advance(200);
    expect(votes.grant()).toBeUndefined();
  });

  it('are no grant once the first may be older than an operation (S05)', async () => {
    const { clock, votes, hear } = create(50);
    await clock.advance(51);
    hear(3);
    expect(votes.grant()).toBeUndefined();
  });

  it('count by token', () => {
    const { votes, hear } = create();
    hear(2, handed(7));
    hear(1, handed(8));
    expect(votes.grant()).toBeUndefined();
    hear(3, handed(8));
    expect(votes.grant()).toMatchObject({ token: 8 });
  });
});
