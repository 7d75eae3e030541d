import type { KvCodec } from '../kv/kv.js';
import type { Backoff, BackoffFunction } from './queue.js';

/** What holds for the messages of a queue unless a put or a consumer says otherwise. */
export interface QueueDefaults {
  /** ms a delivery's lease lasts before it is extended, 200 to the module's `queue.leaseMax`. @default 30000 */
  lease?: number;
  /** Deliveries before a message becomes a dead letter, 1 to 1000. @default 5 */
  maxAttempts?: number;
  /** Rest before the next attempt; a function is the consumer's. @default exponential from 1 s to 1 min, jitter 0.2 */
  backoff?: Backoff | BackoffFunction;
  /** How bodies become text or bytes. Same in all clients. @default JSON; `Buffer` and `Uint8Array` unchanged */
  codec?: KvCodec;
}

/** The module's `queue` options. */
export interface QueueModuleOptions extends QueueDefaults {
  /** Bytes that one encoded body may have, 1 to 16777216. @default 262144 */
  maxBodyBytes?: number;
  /** ms; the longest lease of any client of the group, 1000 to 86400000: after a restart of a majority it
   * is waited for. @default 60000 */
  leaseMax?: number;
  /** ms between two looks of an idle consumer that nobody woke, 50 to 60000. @default 5000 */
  pollInterval?: number;
  /** ms between two rounds in which members are compared and tombstones dropped, 100 to 3600000. @default 5000 */
  antiEntropyInterval?: number;
  /** ms for which a caller's id is remembered, 60000 to 30 days. @default a day */
  idRetention?: number;
}

/** What `get()` takes. */
export interface GetOptions {
  /** Messages at most, 1 to 1000. @default 1 */
  readonly count?: number;
  /** ms. @default the queue's */
  readonly lease?: number;
  /** ms to wait until there is at least one, up to a day. @default 0 */
  readonly waitFor?: number;
  /** Ends the wait; `get` rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** What `consume()` and `@QueueConsumer()` take. */
export interface ConsumeOptions {
  /** Deliveries that may be out and not settled, 1 to 10000. @default 1 */
  readonly concurrency?: number;
  /**
   * Deliveries that may be leased ahead of that, 0 to 10000.
   *
   * @default none; up to 256, as far as handlers end so many while members are asked twice (at least 10 ms). What then
   * waits behind slower ones for over 200 ms is given back.
   */
  readonly prefetch?: number;
  /** ms. @default the queue's */
  readonly lease?: number;
  /** ms until the next attempt of a delivery that is nacked without delay. @default the message's, then the queue's */
  readonly backoff?: Backoff | BackoffFunction;
  /** ms that deliveries which are out may still be settled after the unsubscription; then they are given back. @default 5000 */
  readonly drainTimeout?: number;
}

/** Which dead letters to show. */
export interface DeadLetterPage {
  /** @default 0 */
  readonly offset?: number;
  /** 1 to 1000. @default 100 */
  readonly limit?: number;
}

/** What `purge()` takes. */
export interface PurgeOptions {
  /** Only these; leased messages are never purged. @default all three */
  readonly states?: readonly ('ready' | 'delayed' | 'dead')[];
}
