import type { Accepted } from './register.js';

/** Registers of which promises are remembered; of more the oldest are forgotten, which costs their next write a round trip. */
const keysMax = 10_000;
/** Longer values are not remembered. */
const textMax = 4096;

/** What this client's last write of a register left: a ballot that members have promised to nobody else. */
export interface Promised {
  readonly ballot: number;
  /** What the members that promised have accepted. */
  readonly base: Accepted;
  /** By member index the `run_id` of the life in which it promised; undefined where it did not. */
  readonly members: (string | undefined)[];
}

/**
 * Promises that came with the last accept of this client: its next write of the same register needs one round trip.
 *
 * @see docs/protocols/kv.md#repeated-writes
 */
export class PromiseCache {
  // two halves, of which the older goes as a whole: to take out the first of a large Map costs more than a write
  private younger = new Map<string, Promised>();
  private older = new Map<string, Promised>();

  /** Gives the promise to one change: it is good for one accept. */
  take(key: string): Promised | undefined {
    return takeOut(this.younger, key) ?? takeOut(this.older, key);
  }

  /** Forgets the promise when somebody wrote since: it was seen that a quorum may not keep it any more. */
  drop(key: string, seen: Accepted): void {
    const promised = this.younger.get(key) ?? this.older.get(key);
    if (promised && promised.base.ballot < seen.ballot) this.take(key);
  }

  put(key: string, promised: Promised): void {
    if ((promised.base.value?.text.length ?? 0) > textMax) return;
    this.older.delete(key);
    this.younger.set(key, promised);
    if (this.younger.size < keysMax / 2) return;
    this.older = this.younger;
    this.younger = new Map();
  }
}

function takeOut(entries: Map<string, Promised>, key: string): Promised | undefined {
  const entry = entries.get(key);
  if (entry) entries.delete(key);
  return entry;
}
