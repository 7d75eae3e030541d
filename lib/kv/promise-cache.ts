import type { Accepted } from './register.js';

/** Bytes that a client's promises may take; of more the oldest are forgotten, which costs their next write a round trip. */
const bytesMax = 32_000_000;
/** Bytes of one besides its value's text, as measured. */
const entryBytes = 700;
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
  private youngerBytes = 0;
  private readonly halfMax: number;

  /** @param caches how many the client has: one a partition */
  constructor(caches = 1) {
    this.halfMax = bytesMax / caches / 2;
  }

  /** Gives the promise to one change: it is good for one accept. */
  take(key: string): Promised | undefined {
    const young = takeOut(this.younger, key);
    if (young) this.youngerBytes -= bytesOf(young);
    return young ?? takeOut(this.older, key);
  }

  /** Forgets the promise when somebody wrote since: it was seen that a quorum may not keep it any more. */
  drop(key: string, seen: Accepted): void {
    const promised = this.younger.get(key) ?? this.older.get(key);
    if (promised && promised.base.ballot < seen.ballot) this.take(key);
  }

  put(key: string, promised: Promised): void {
    const bytes = bytesOf(promised);
    if (bytes > entryBytes + textMax) return;
    this.take(key);
    this.younger.set(key, promised);
    this.youngerBytes += bytes;
    if (this.youngerBytes < this.halfMax) return;
    this.older = this.younger;
    this.younger = new Map();
    this.youngerBytes = 0;
  }
}

function bytesOf({ base }: Promised): number {
  return entryBytes + (base.value?.text.length ?? 0);
}

function takeOut(entries: Map<string, Promised>, key: string): Promised | undefined {
  const entry = entries.get(key);
  if (entry) entries.delete(key);
  return entry;
}
