import type { NodeOptions } from '../member/node-options.js';

/** What to do when so many members forgot at once that a majority's memory is gone. */
export type MajorityRestartPolicy = 'merge' | 'halt';

/** Options of a group of members. */
export interface GroupOptions {
  /**
   * The members: `redis://` or `rediss://` URLs, ioredis options (also Sentinel's; with an optional `name`), or ready
   * `Redis` or `Cluster` instances. From an instance only its options are taken (`duplicate()`): the group opens
   * connections of its own, and leaves the instance as it is.
   */
  nodes: readonly NodeOptions[];
  /** Name of the group in logs, events and tokens. @default 'default' */
  name?: string;
  /** The constant N. A client may know fewer members, but at least a quorum. @default number of nodes */
  groupSize?: number;
  /** Start of all our keys: letters, digits, `.`, `_`, `-`; 1 to 64. @default 'majority' */
  keyPrefix?: string;
  /**
   * Into how many parts locks, keys and queues are split by their names. Each has a slot of its own on members that are
   * Redis Clusters, so that all their masters carry the load. The same in all clients, for good. 1 to 256. @default 1
   */
  partitions?: number;
  /** ms a member may take to answer before it is suspect, 10 to `maxOperationTime` / 2. @default 500, or the most allowed when that is less */
  requestTimeout?: number;
  /** ms; no operation counts votes collected over a longer span. Same in all clients. 100 to 60000. @default 2000 */
  maxOperationTime?: number;
  /** ms within which a quorum must answer at start, 100 to 600000. @default 10000 */
  connectTimeout?: number;
  /** Requests that may wait for one member at once, 16 to 1000000; more fail at once. @default 10000 */
  maxInFlight?: number;
  /**
   * After a restart of so many members that too few remember: `merge` waits one maximal lease and goes on with what the
   * members hold, `halt` stays closed for an operator. @default 'merge'
   */
  onMajorityRestart?: MajorityRestartPolicy;
}
