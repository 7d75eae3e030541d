import type { KvCodec } from './kv.js';

/** The module's `kv` options. */
export interface KvModuleOptions {
  /** Bytes that one encoded value may have, 1 to 16777216. @default 262144 */
  maxValueBytes?: number;
  /** How values become text or bytes. @default JSON; `Buffer` and `Uint8Array` unchanged */
  codec?: KvCodec;
  /** ms that a change is tried against other writers before it is given up, 100 to 10000. @default 5000 */
  timeout?: number;
  /** ms between two looks for expired values and removed keys, 100 to 3600000. @default 5000 */
  sweepInterval?: number;
  /** ms that the fencing token of a deleted key is kept, 60000 to 2592000000. @default 86400000 */
  fenceRetention?: number;
  /** ms between two looks of a watcher whose wake-up was lost, 50 to 60000. @default 2000 */
  pollInterval?: number;
}

/** Anything that carries a fencing token: a held `Lock`, or a token that came with a request. */
export interface KvGuard {
  readonly token: number;
}

/** Options of `keys()`. */
export interface KvKeysOptions {
  /** Ends the walk over the members' keys. */
  signal?: AbortSignal;
}

/** Options of `set()`. Conditions that are given must all hold. */
export interface KvSetOptions extends KvDeleteOptions {
  /** ms until the value ends, 1 to 315360000000; without it the value does not end by itself. */
  ttl?: number;
  /** Write only when there is no value. */
  ifAbsent?: boolean;
  /** Write only when there is a value. */
  ifPresent?: boolean;
}

/** Options of `delete()`. */
export interface KvDeleteOptions {
  /** Only when the key's version is this one; 0 stands for a key that does not exist. */
  ifVersion?: number;
  /** Refuses the write when a later holder of the lock wrote before. */
  guard?: KvGuard;
}
