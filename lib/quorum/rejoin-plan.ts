import type { MajorityRestartPolicy } from './group-options.js';
import { quorumOf } from './tally.js';

/** One reachable member as a survey found it. */
export interface Standing {
  readonly index: number;
  /** `valid`: it votes. `stale`: its marker is of an earlier life. `none`: it has none. */
  readonly marker: 'valid' | 'stale' | 'none';
  /** Whether it holds none of our records; only looked at when too few members remember. */
  readonly isEmpty: boolean;
}

/**
 * - `copy`: bring it back from enough members that remember (indexes in `sources`).
 * - `form`: a new group, all members are here and empty: they vote at once.
 * - `adopt`: everything is lost, or a first start with members missing: one maximal lease later the reachable ones are
 *   the group.
 * - `merge`: too few remember, but all are here: one maximal lease later go on with what they hold together.
 * - `halted`: as `merge`, but an operator shall decide.
 * - `stay-out`: it must wait for other members.
 */
export type RejoinPlan =
  | { readonly kind: 'copy'; readonly sources: readonly number[] }
  | { readonly kind: 'form' | 'adopt' | 'merge' | 'halted' }
  | { readonly kind: 'stay-out'; readonly needed: number; readonly remembering: number };

/** What the decision depends on besides the standings. */
export interface RejoinSituation {
  readonly groupSize: number;
  readonly policy: MajorityRestartPolicy;
  /** Whether this client has seen this group vote: then an empty group is not a new one. */
  readonly isKnown: boolean;
  /** Whether this client is in the middle of making the reachable members the group: some of them vote already. */
  readonly isAdopting: boolean;
}

/**
 * Members that must remember before one that forgot may vote again: what a quorum decided, less the member that forgot,
 * is known to at least one of any `N − quorum + 1` of the others.
 */
export function sourcesNeeded(groupSize: number): number {
  return groupSize - quorumOf(groupSize) + 1;
}

/**
 * How the member `target`, which has no valid marker, comes back.
 *
 * @param standings all reachable members, the target among them
 * @see docs/protocols/quorum.md#rejoin
 */
export function planRejoin(target: number, standings: readonly Standing[], situation: RejoinSituation): RejoinPlan {
  const { groupSize, policy, isKnown, isAdopting } = situation;
  const needed = sourcesNeeded(groupSize);
  const remembering = standings.filter(({ index, marker }) => index !== target && marker === 'valid');
  if (remembering.length >= needed) {
    return { kind: 'copy', sources: remembering.slice(0, needed).map(({ index }) => index) };
  }
  const areAllEmpty = standings.every(({ isEmpty, marker }) => isEmpty && marker !== 'stale');
  if (standings.length === groupSize) {
    if (!isKnown && areAllEmpty && standings.every(({ marker }) => marker === 'none')) return { kind: 'form' };
    return { kind: policy === 'merge' ? 'merge' : 'halted' };
  }
  // a member that votes proves that the others may remember, even when it holds no record itself
  const isLost = isAdopting || standings.every(({ marker }) => marker === 'none');
  if (isLost && areAllEmpty && standings.length >= quorumOf(groupSize)) return { kind: 'adopt' };
  return { kind: 'stay-out', needed, remembering: remembering.length };
}
