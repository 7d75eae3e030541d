/** Every contender asks for leases of this length, ms. */
export const TTL_MS = 10_000;

/** A waiting acquisition of any contender gives up after this long, ms. */
export const WAIT_MAX_MS = 30_000;

/** One contender: a lock library, the floor, or ours, behind the same few calls. */
export interface Peer {
  readonly name: string;
  /** The package and the client it uses, with their installed versions. */
  readonly versions: string;
  /** Connects to all members; resolves when all of them are usable. */
  connect(urls: readonly string[]): Promise<PeerConnection>;
}

/** A connected contender. Its options are its defaults wherever a row does not force another value. */
export interface PeerConnection<Held = unknown> {
  /** Takes a lock in one attempt, without retry; rejects when it is not granted. */
  acquire(key: string): PromiseLike<Held>;
  /** Takes a lock, waiting up to `WAIT_MAX_MS` with the library's default delays. Missing: it cannot wait. */
  acquireWaiting?(key: string): PromiseLike<Held>;
  /** Gives it back; rejects when a quorum did not confirm. */
  release(held: Held): PromiseLike<unknown>;
  close(): Promise<void>;
}
