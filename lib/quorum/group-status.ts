import type { MemberState } from '../member/member-state.js';

export type { MemberState };

/** One member as this client sees it. */
export interface MemberStatus {
  /** `redis-1` … in the order of `nodes`, unless the node has a name of its own. */
  readonly name: string;
  /** Host and port, or what stands for it; never a password. */
  readonly address: string;
  readonly state: MemberState;
  /** Why it does not vote; absent while it does. */
  readonly reason?: string;
  /** `run_id` of the server behind the connection; absent while down. */
  readonly incarnation?: string;
  /** Smoothed round-trip time in ms; absent before the first answer, and while suspect or down. */
  readonly roundTripMs?: number;
  /** Requests sent or gathered and not answered yet. */
  readonly inFlight: number;
  /** Votes asked of it by this client so far: those it answered, whichever way, and those that are missing for good. */
  readonly votes: { readonly answered: number; readonly missing: number };
  /** While rejoining: records copied so far. */
  readonly rejoin?: { readonly phase: string; readonly copied: number };
}

/** The group as this client sees it. */
export interface GroupStatus {
  readonly name: string;
  readonly groupSize: number;
  readonly quorum: number;
  /** How many members vote now. */
  readonly voting: number;
  readonly hasQuorum: boolean;
  readonly members: readonly MemberStatus[];
}

/**
 * What happens to the group as a whole. `formed`: a new group began. `quorum-lost`, `quorum-regained`: for this client fewer
 * members vote than are needed, or enough again. `majority-restart`: too few members remembered, see `onMajorityRestart`.
 * `total-loss`: none of those that can be reached did. `halted`: it stays closed for an operator.
 */
export type GroupNews = 'formed' | 'quorum-lost' | 'quorum-regained' | 'majority-restart' | 'total-loss' | 'halted';

/** What `events$` emits. */
export type GroupEvent =
  | { readonly type: 'member'; readonly member: string; readonly state: MemberState; readonly reason?: string }
  | { readonly type: 'rejoin'; readonly member: string; readonly phase: string; readonly copied: number }
  | {
      readonly type: 'group';
      readonly event: GroupNews;
      readonly detail: string;
    }
  | { readonly type: 'warning'; readonly member: string; readonly message: string }
  | { readonly type: 'lock-lost'; readonly keys: readonly string[]; readonly token: number; readonly reason: string }
  | {
      readonly type: 'lease-lost';
      readonly queue: string;
      readonly id: string;
      readonly token: number;
      readonly reason: string;
    };
