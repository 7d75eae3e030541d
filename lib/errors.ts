/** What one member said to one request, as it stands in errors and in `inspect()`. */
export interface MemberReport {
  /** The member's name, for example `redis-3`. */
  member: string;
  /** Its answer or why there is none: `granted`, `held`, `suspect`, `no reply in 500 ms`, … Never a secret. */
  said: string;
}

/** Every `code` an error of this package can carry. */
export type MajorityRedisErrorCode = AnyMajorityRedisError['code'];

/** All errors of this package; `switch (error.code)` narrows to one of them. */
export type AnyMajorityRedisError =
  | NoQuorumError
  | LockUnavailableError
  | LockLostError
  | LeaseLostError
  | StaleTokenError
  | OutcomeUnknownError
  | UnrecoverableMessageError
  | InvalidOptionsError;

const brand = Symbol.for('nestjs-majority-redis.error');

/** The base of every error that this package throws or rejects with. */
export abstract class MajorityRedisError extends Error {
  /** Stable, for programs. Messages may change with any release. */
  abstract readonly code: string;

  protected constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Recognises this package's errors, also those of a second copy of the package, where `instanceof` fails. */
export function isMajorityRedisError(error: unknown): error is AnyMajorityRedisError {
  return typeof error === 'object' && error !== null && brand in error;
}

/** Fewer than a quorum of members could vote. Nothing is wrong with the key: try again when members are back. */
export class NoQuorumError extends MajorityRedisError {
  override readonly name = 'NoQuorumError';
  readonly code = 'NO_QUORUM';

  constructor(
    /** What was tried, for example `lock "seat:12"` or `start of group "default"`. */
    readonly attempted: string,
    readonly quorum: number,
    readonly groupSize: number,
    readonly members: readonly MemberReport[],
    /** ms after which a retry may make sense. */
    readonly retryAfter: number,
    options?: ErrorOptions,
  ) {
    super(
      `No quorum for ${attempted}: ${quorum} of ${groupSize} members needed (${describe(members)}). ` +
        `Retry after ${retryAfter} ms.`,
      options,
    );
  }
}

/** Another holder has the lock, or waiters come first. Ordinary contention, not a fault. */
export class LockUnavailableError extends MajorityRedisError {
  override readonly name = 'LockUnavailableError';
  readonly code = 'LOCK_UNAVAILABLE';

  constructor(
    /** All keys that were asked for. */
    readonly keys: readonly string[],
    /** Those of them that were refused. */
    readonly refusedKeys: readonly string[],
    /** ms after which a quorum may be free: the holder's lease, unless it is extended or released before. */
    readonly retryAfter: number,
    readonly members: readonly MemberReport[],
    /** ms that the caller waited in vain; 0 when it did not ask to wait. */
    readonly waited: number,
  ) {
    super(
      `Lock ${quote(refusedKeys)} is held by another${waited > 0 ? ` after waiting ${waited} ms` : ''} ` +
        `(${describe(members)}). Retry after ${retryAfter} ms.`,
    );
  }
}

/** Why a lock was lost. */
export type LockLossReason = 'validity-passed' | 'max-hold' | 'released';

/** The lock is no longer safely held: the reason of `lock.signal`, thrown by `extend()`. */
export class LockLostError extends MajorityRedisError {
  override readonly name = 'LockLostError';
  readonly code = 'LOCK_LOST';

  constructor(
    readonly keys: readonly string[],
    readonly token: number,
    readonly reason: LockLossReason,
    readonly members: readonly MemberReport[],
    options?: ErrorOptions,
  ) {
    super(`Lock ${quote(keys)} with token ${token} was lost: ${lossText[reason]}${suffix(members)}.`, options);
  }
}

/** Why a delivery's lease is no longer there. */
export type LeaseLossReason = 'validity-passed' | 'refused' | 'settled' | 'given-back';

/**
 * A delivery cannot be settled or extended any more: its lease ended, so another consumer may get the message, or it was
 * settled before. What was refused may still take effect later, when a minority of members took it.
 */
export class LeaseLostError extends MajorityRedisError {
  override readonly name = 'LeaseLostError';
  readonly code = 'LEASE_LOST';

  constructor(
    readonly queue: string,
    /** The message's. */
    readonly id: string,
    readonly token: number,
    readonly reason: LeaseLossReason,
    readonly members: readonly MemberReport[],
  ) {
    super(
      `Lease of message ${id} of queue "${queue}" with token ${token} was lost: ` +
        `${leaseLossText[reason]}${suffix(members)}.`,
    );
  }
}

/** A write with a fencing token below one that the resource has seen: a later holder was there. */
export class StaleTokenError extends MajorityRedisError {
  override readonly name = 'StaleTokenError';
  readonly code = 'STALE_TOKEN';

  constructor(
    readonly resource: string,
    /** The refused token. */
    readonly token: number,
    /** The highest token the resource has seen. */
    readonly latestToken: number,
  ) {
    super(`Token ${token} is stale for "${resource}": a later holder wrote with token ${latestToken}.`);
  }
}

/**
 * A write was sent and it is not known whether it took effect: members failed before they answered, and another writer
 * came in between. It is never applied twice. Read the key to learn what stands there.
 */
export class OutcomeUnknownError extends MajorityRedisError {
  override readonly name = 'OutcomeUnknownError';
  readonly code = 'OUTCOME_UNKNOWN';

  constructor(
    readonly key: string,
    readonly members: readonly MemberReport[],
  ) {
    super(`Whether the change of "${key}" took effect is unknown (${describe(members)}). Read it to see.`);
  }
}

/**
 * Thrown by your consumers, never by this package: the message shall not be tried again, it becomes a dead letter at once
 * with this message as its reason.
 */
export class UnrecoverableMessageError extends MajorityRedisError {
  override readonly name = 'UnrecoverableMessageError';
  readonly code = 'UNRECOVERABLE_MESSAGE';

  // public, as it is yours to throw
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** An option or argument was refused before anything was sent. */
export class InvalidOptionsError extends MajorityRedisError {
  override readonly name = 'InvalidOptionsError';
  readonly code = 'INVALID_OPTIONS';

  constructor(
    readonly option: string,
    /** What is allowed, in words. */
    readonly allowed: string,
    /** What was given, shortened and without secrets. */
    readonly given: string,
    options?: ErrorOptions,
  ) {
    super(`${option} must be ${allowed}, got ${given}`, options);
  }
}

const lossText: Record<LockLossReason, string> = {
  'validity-passed': 'its validity passed before a quorum extended it',
  'max-hold': 'it was held for maxHold and is no longer extended',
  released: 'it was released before',
};

const leaseLossText: Record<LeaseLossReason, string> = {
  'validity-passed': 'its validity passed before a quorum extended it',
  refused: 'a quorum did not accept this holder any more',
  settled: 'the delivery was settled before',
  'given-back': 'it was given back as its consumer stopped',
};

function describe(members: readonly MemberReport[]): string {
  return members.map(({ member, said }) => `${member} ${said}`).join(', ');
}

function suffix(members: readonly MemberReport[]): string {
  return members.length > 0 ? ` (${describe(members)})` : '';
}

function quote(keys: readonly string[]): string {
  return keys.map((key) => `"${key}"`).join(', ');
}
