import { describe, expect, it } from 'vitest';
import type { GroupStatus, MemberStatus } from '../../../lib/quorum/group-status.js';
import { mergeStatus, worstOf } from '../../../lib/quorum/merge-status.js';

function member(name: string, rest: Partial<MemberStatus> = {}): MemberStatus {
  const votes = { answered: 3, missing: 1 };
  return { name, address: name, state: 'voting', inFlight: 1, votes, incarnation: 'run', roundTripMs: 2, ...rest };
}

function partition(...members: readonly MemberStatus[]): GroupStatus {
  const voting = members.filter(({ state }) => state === 'voting').length;
  return { name: 'g', groupSize: 3, quorum: 2, voting, hasQuorum: voting >= 2, members };
}

const down = { state: 'down', reason: 'refused', incarnation: undefined, roundTripMs: undefined } as const;

describe('the status of a group of several partitions', () => {
  it('shows each member once, as bad as it is anywhere, and where it does not vote', () => {
    const status = mergeStatus([
      partition(member('a'), member('b'), member('c')),
      partition(member('a', { roundTripMs: 5 }), member('b', down), member('c', { incarnation: 'other' })),
    ]);
    expect(status).toMatchObject({ voting: 2, hasQuorum: true, partitions: { count: 2, withQuorum: 2 } });
    const [a, b, c] = status.members;
    expect(a).toMatchObject({ state: 'voting', incarnation: 'run', roundTripMs: 5, inFlight: 2 });
    expect(a!.votes).toEqual({ answered: 6, missing: 2 });
    expect(a!.partitions).toEqual({ voting: 2, missing: [] });
    expect(b).toMatchObject({ state: 'down', reason: '1 of 2 partitions: refused', roundTripMs: 2 });
    expect(b!.partitions).toEqual({ voting: 1, missing: [{ partition: 1, state: 'down', reason: 'refused' }] });
    expect(c!.incarnation).toBeUndefined();
  });

  it('has a quorum where each partition has one, though too few members vote in all', () => {
    const [first, second] = [
      partition(member('a', down), member('b'), member('c')),
      partition(member('a'), member('b', down), member('c')),
    ];
    expect(mergeStatus([first, second])).toMatchObject({ voting: 1, hasQuorum: true });
    const none = partition(member('a', down), member('b', down), member('c'));
    expect(mergeStatus([first, none])).toMatchObject({ hasQuorum: false, partitions: { count: 2, withQuorum: 1 } });
  });

  it('sums up how far a member is brought back', () => {
    const rejoining = (copied: number) => member('a', { state: 'rejoining', rejoin: { phase: 'copies', copied } });
    expect(mergeStatus([partition(rejoining(3)), partition(rejoining(4))]).members[0]!.rejoin).toEqual({
      phase: 'copies',
      copied: 7,
    });
  });
});

describe('the state of a member as a whole', () => {
  it('is the worst, with the reason of the first that is as bad, and in how many it is so', () => {
    expect(worstOf([{ state: 'voting' }, { state: 'voting' }])).toEqual({ state: 'voting', reason: undefined });
    expect(
      worstOf([{ state: 'rejoining', reason: 'r' }, { state: 'suspect', reason: 's' }, { state: 'voting' }]),
    ).toEqual({ state: 'suspect', reason: '1 of 3 partitions: s' });
    const all = [
      { state: 'down', reason: 'x' },
      { state: 'down', reason: 'y' },
    ] as const;
    expect(worstOf(all)).toEqual({ state: 'down', reason: 'x' });
  });
});
