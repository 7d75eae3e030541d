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
  /** Member index → `run_id` of the life in which it promised. */
  readonly members: Map<number, string>;
}

/**
 * Promises that came with the last accept of this client: its next write of the same register needs one round trip.
 *
 * @see docs/protocols/kv.md#repeated-writes
 */
export class PromiseCache {
  private readonly entries = new Map<string, Promised>();

  /** Gives the promise to one change: it is good for one accept. */
  take(key: string): Promised | undefined {
    const entry = this.entries.get(key);
    this.entries.delete(key);
    return entry;
  }

  put(key: string, promised: Promised): void {
    if ((promised.base.value?.text.length ?? 0) > textMax) return;
    this.entries.set(key, promised);
    if (this.entries.size > keysMax) this.entries.delete(this.entries.keys().next().value!);
  }
}
