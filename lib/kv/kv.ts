/** A value as it stands under a key. */
export interface KvEntry<T = unknown> {
  readonly value: T;
  /** Changes with every write of the key, and only grows; for `ifVersion`. A safe integer. */
  readonly version: number;
  /** Wall clock, ms since 1970, at which it ends; null when it does not end by itself. */
  readonly expiresAt: number | null;
}

/** What `watch()` emits: an entry, or that there is none. */
export interface KvWatchEvent<T = unknown> {
  readonly exists: boolean;
  /** null when the key does not exist. */
  readonly value: T | null;
  /** Of the value or of its removal; 0 when the key was not used before. */
  readonly version: number;
  readonly expiresAt: number | null;
}

/** What became of a conditional or plain write. */
export interface KvSetResult {
  /** Whether the value was written: false when `ifAbsent`, `ifPresent` or `ifVersion` did not hold. */
  readonly written: boolean;
  /** The version that stands under the key now; 0 when there is none. */
  readonly version: number;
}

/** How values become text or bytes and back. Must be the same in all clients of a group. */
export interface KvCodec {
  /** @throws anything, when it cannot carry the value: the caller gets `InvalidOptionsError` */
  encode(value: unknown): string | Uint8Array;
  /** @returns what `encode` was given */
  decode(data: string | Buffer): unknown;
}
