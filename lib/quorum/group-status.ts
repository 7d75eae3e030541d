import type { MemberState } from '../member/member-state.js';

export type { MemberState };

/** One member as this client sees it. */
export interface MemberStatus {
  /** `redis-1` … in the order of `nodes`, unless the node has a name of its own. */
  readonly name: string;
  /** Host and port, or what stands for it; never a password. */
  readonly address: string;
  /** The worst one that it is in, of all partitions. */
  readonly state: MemberState;
  /** Why it does not vote; absent while it does. */
  readonly reason?: string;
  /** `run_id` of the server behind the connection; absent while down, and where several servers of a Cluster are. */
  readonly incarnation?: string;
  /** Smoothed round-trip time in ms; absent before the first answer, and while suspect or down. */
  readonly roundTripMs?: number;
  /** Requests sent or gathered and not answered yet. */
  readonly inFlight: number;
  /** Votes asked of it by this client so far: those it answered, whichever way, and those that are missing for good. */
  readonly votes: { readonly answered: number; readonly missing: number };
  /** While rejoining: records copied so far. */
  readonly rejoin?: { readonly phase: string; readonly copied: number };
  /** Where the group has several partitions: in how many it votes, and how it stands in the others. */
  readonly partitions?: {
    readonly voting: number;
    readonly missing: readonly { readonly partition: number; readonly state: MemberState; readonly reason?: string }[];
  };
}

/** The group as this client sees it. */
export interface GroupStatus {
  readonly name: string;
  readonly groupSize: number;
  readonly quorum: number;
  /** How many members vote now, each in all partitions. */
  readonly voting: number;
  /** Whether each partition has a quorum: it may have one though fewer members than that vote in all. */
  readonly hasQuorum: boolean;
  /** How many partitions there are, and how many have a quorum; absent for one. */
  readonly partitions?: { readonly count: number; readonly withQuorum: number };
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
  | {
      readonly type: 'rejoin';
      readonly member: string;
      readonly phase: string;
      readonly copied: number;
      /** Absent where there is one. */
      readonly partition?: number;
    }
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
