/** `exclusive`: one holder. `shared`: any number of holders, but no exclusive one at the same time. */
export type LockMode = 'exclusive' | 'shared';

/**
 * What `release()` found.
 * - `released`: it was held and a quorum has let it go.
 * - `expired`: it had ended before; others may have held it since.
 * - `unconfirmed`: fewer than a quorum answered; it ends by itself with its lease.
 */
export type ReleaseOutcome = 'released' | 'expired' | 'unconfirmed';

/** A lock that was granted by a quorum. `await using` releases it at the end of the block. */
export interface Lock extends AsyncDisposable {
  readonly keys: readonly string[];
  readonly mode: LockMode;
  /**
   * Fencing token: a safe integer above that of every earlier holder of these keys. Send it with each write and let
   * the resource refuse a lower one, so that a holder that paused past its lease does no harm.
   */
  readonly token: number;
  /** Random name of this acquisition, as other clients see it in `inspect()`. */
  readonly holder: string;
  /** Whether the lock is safely held at this moment, by this process' monotonic clock. */
  readonly isHeld: boolean;
  /** ms of validity left; 0 when it is not held. */
  readonly remaining: number;
  /** Aborts when the lock is lost, with a `LockLostError` as reason. Does not abort on `release()`. */
  readonly signal: AbortSignal;
  /**
   * Renews the lease at a quorum now. Not needed for a lock that extends itself.
   *
   * @param ttl ms; default: the ttl it was acquired with. Also the ttl of later automatic extensions. Never shortens what
   * is left.
   * @throws LockLostError when it is no longer held; NoQuorumError when no quorum confirmed (it may still be held:
   * see `isHeld`)
   */
  extend(ttl?: number): Promise<void>;
  /** Lets it go at all members and wakes the next waiter. Never throws; a second call gives the first one's outcome. */
  release(): Promise<ReleaseOutcome>;
}

/** A lock's state as a quorum sees it. */
export interface LockState {
  readonly key: string;
  /** `free` also where no holder has a quorum: leftovers of failed attempts end by themselves. */
  readonly mode: 'free' | LockMode;
  /** Those with a quorum: none, one, or several shared ones. */
  readonly holders: readonly LockHolder[];
  /** The highest token that a reporting member has seen; 0 for a key never locked. */
  readonly token: number;
  /** How many wait in line, as the key's home member sees it. */
  readonly waiting: number;
  /** What each member said, one entry per member. */
  readonly votes: readonly LockVote[];
}

/** One holder of a lock as seen from outside. */
export interface LockHolder {
  readonly holder: string;
  /** ms until its lease ends at the quorum-th member. */
  readonly remaining: number;
}

/** One member's view of one lock. */
export interface LockVote {
  readonly member: string;
  /** `held`, `free`, or why the member does not vote (`suspect`, `rejoining`, …). */
  readonly said: string;
  readonly holders: readonly LockHolder[];
  readonly token: number;
}
