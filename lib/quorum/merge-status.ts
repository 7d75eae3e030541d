import type { GroupStatus, MemberState, MemberStatus } from './group-status.js';

/** From the best to the worst. */
const states: readonly MemberState[] = ['voting', 'rejoining', 'suspect', 'down'];

/** How one member stands in one partition. */
export type Standing = Pick<MemberStatus, 'state' | 'reason'>;

/** A member as a whole: as bad as it is in any partition, with the reason of the first that is as bad. */
export function worstOf(standings: readonly Standing[]): Standing {
  const rank = Math.max(...standings.map(({ state }) => states.indexOf(state)));
  const state = states[rank]!;
  const worst = standings.filter((standing) => standing.state === state);
  const { reason } = worst[0]!;
  if (reason === undefined || worst.length === standings.length) return { state, reason };
  return { state, reason: `${worst.length} of ${standings.length} partitions: ${reason}` };
}

/** The group as a whole, from how its partitions see it. */
export function mergeStatus(partitions: readonly GroupStatus[]): GroupStatus {
  const { name, groupSize, quorum } = partitions[0]!;
  const members = partitions[0]!.members.map((_, index) => mergeMember(partitions.map((one) => one.members[index]!)));
  const withQuorum = partitions.filter(({ hasQuorum }) => hasQuorum).length;
  return {
    name,
    groupSize,
    quorum,
    voting: members.filter(({ state }) => state === 'voting').length,
    hasQuorum: withQuorum === partitions.length,
    partitions: { count: partitions.length, withQuorum },
    members,
  };
}

function mergeMember(parts: readonly MemberStatus[]): MemberStatus {
  const { name, address, incarnation } = parts[0]!;
  const missing = parts.flatMap(({ state, reason }, partition) =>
    state === 'voting' ? [] : [{ partition, state, reason }],
  );
  const times = parts.flatMap(({ roundTripMs }) => roundTripMs ?? []);
  const rejoins = parts.flatMap(({ rejoin }) => rejoin ?? []);
  return {
    name,
    address,
    ...worstOf(parts),
    // of a Cluster several servers answer
    incarnation: parts.every((part) => part.incarnation === incarnation) ? incarnation : undefined,
    roundTripMs: times.length === 0 ? undefined : Math.max(...times),
    inFlight: sum(parts.map(({ inFlight }) => inFlight)),
    votes: {
      answered: sum(parts.map(({ votes }) => votes.answered)),
      missing: sum(parts.map(({ votes }) => votes.missing)),
    },
    rejoin: rejoins[0] && { phase: rejoins[0].phase, copied: sum(rejoins.map(({ copied }) => copied)) },
    partitions: { voting: parts.length - missing.length, missing },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
