/** What became of a put. It is safe: a quorum of members has the message. */
export interface PutReceipt {
  /** The caller's id when it gave one, else the one it was given: creation time in µs, a dash, 8 characters. */
  readonly id: string;
  /** Whether a message with the caller's id was there or had been there, so that none was added. */
  readonly isDuplicate: boolean;
}

/** One message of `putAll()`. */
export interface MessageToPut<T = unknown> extends PutOptions {
  readonly body: T;
}

/** How long a message rests before its next attempt. `max` bounds the exponential one, `jitter` is a part from 0 to 1. */
export type Backoff =
  | { readonly type: 'fixed'; readonly delay: number; readonly jitter?: number }
  | { readonly type: 'exponential'; readonly delay: number; readonly max?: number; readonly jitter?: number };

/** A consumer's own rule: ms until the next attempt. Must not throw. */
export type BackoffFunction = (attempt: number, error: unknown, delivery: Delivery) => number;

/** What a message may be given on its way. */
export interface PutOptions {
  /** The caller's own id: two puts with it make one message. 1 to 512 characters. Remembered for `idRetention`. */
  readonly id?: string;
  /** Messages of one group are handed out one at a time and in order. 1 to 512 characters. */
  readonly group?: string;
  /** -1,000,000 to 1,000,000; lower ones come first. @default 0 */
  readonly priority?: number;
  /** ms before it can be leased first, up to a year. @default 0 */
  readonly delay?: number;
  /** Deliveries before it becomes a dead letter, 1 to 1000. @default the queue's */
  readonly maxAttempts?: number;
  /** @default the queue's */
  readonly backoff?: Backoff;
  /**
   * Trace that the put belongs to, for its consumers: a W3C `traceparent` of version 00.
   * `nestjs-majority-redis/telemetry` sets it on messages without an `id`, as two puts with one `id` and different traces
   * are not alike. @default none
   */
  readonly trace?: string;
}

/** What a consumer tells of a message that it does not want done. */
export interface NackOptions {
  /** ms until the next attempt. @default the message's backoff */
  readonly delay?: number;
  /** What went wrong, for a backoff function, and for the dead letter's reason when it was the last attempt. */
  readonly error?: unknown;
}

/**
 * A message that this consumer, and nobody else, holds. Its lease is extended in the background until it is settled by
 * `ack`, `nack` or `reject`. Each of these throws `LeaseLostError` when the lease was lost before, and `NoQuorumError`
 * when too few members answer within the lease.
 */
export interface Delivery<T = unknown> {
  readonly queue: string;
  /** The caller's id when the put gave one, else the message's own. */
  readonly id: string;
  readonly body: T;
  /** 1 for the first delivery. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Fencing token: a later delivery of the message has a higher one. */
  readonly token: number;
  readonly priority: number;
  readonly group: string | undefined;
  /** When it was put, by the members' clocks. */
  readonly createdAt: Date;
  /** The `trace` of the put. */
  readonly trace: string | undefined;
  /** Aborts with `LeaseLostError` when the lease could not be kept: somebody else may get the message. */
  readonly signal: AbortSignal;
  readonly isHeld: boolean;
  /** It is done and never delivered again. */
  ack(): Promise<void>;
  /** It failed: it comes again after its backoff, or becomes a dead letter when this was its last attempt. */
  nack(options?: NackOptions): Promise<void>;
  /** It shall not be tried again: it becomes a dead letter. */
  reject(reason?: string): Promise<void>;
  /** Gives it back at once, as if it had not been delivered: the attempt does not count. */
  giveBack(): Promise<void>;
  /** Asks for a lease from now on; later extensions use the new length. @param lease ms @default the one it has */
  extend(lease?: number): Promise<void>;
}

/** How many messages a queue holds, as the members see it; `done` since the queue was first used. */
export interface QueueSize {
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  readonly dead: number;
  readonly done: number;
}

/** `leased`: a consumer holds it. `dead`: given up. `done`: acknowledged or removed. `unknown`: never put, or long done. */
export type MessageState = 'ready' | 'delayed' | 'leased' | 'dead' | 'done' | 'unknown';

/** A message that was given up. */
export interface DeadLetter<T = unknown> {
  readonly id: string;
  readonly body: T;
  readonly attempts: number;
  readonly reason: string;
  readonly diedAt: Date;
  readonly createdAt: Date;
  readonly priority: number;
  readonly group: string | undefined;
}
