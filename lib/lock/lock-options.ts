import type { LockMode } from './lock.js';

/** Options of one acquisition; the module's `lock` options give their defaults. */
export interface LockOptions {
  /** ms, 50 to `ttlMax`. After a crash of the holder others wait at most this long. @default 10000 */
  ttl?: number;
  /** ms to wait for a held lock, 0 to 86400000; 0 answers at once. @default 0 */
  waitFor?: number;
  /** Extend every ttl/3 while held. @default true */
  autoExtend?: boolean;
  /** @default 'exclusive' */
  mode?: LockMode;
  /** ms after which automatic extension stops, so that a hung holder lets go; 0 means never. @default 0 */
  maxHold?: number;
  /**
   * ms that the lock stays taken at least, even when released before or when the holder dies: a job then runs once
   * though schedulers' clocks differ. 0 to `ttlMax`. @default 0
   */
  minHold?: number;
  /** Ends a wait: `acquire` rejects at once with the signal's reason. A lock already granted is not affected. */
  signal?: AbortSignal;
}

/** The module's `lock` options: defaults of every acquisition and limits of the whole group. */
export interface LockModuleOptions extends Omit<LockOptions, 'signal'> {
  /**
   * ms, 50 to 86400000. The longest lease any client may ask for: the "maximal lease" that a group waits after it lost
   * too many members at once. Must be the same in all clients of a group. @default 60000
   */
  ttlMax?: number;
  /** ms that a key's last token is kept after its lease, 60000 to 2592000000. @default 86400000 */
  fenceRetention?: number;
  /** ms between two looks of a waiter whose wake-up was lost, 50 to 2000. @default 1000 */
  pollInterval?: number;
}

/** Options of `list()`. */
export interface LockListOptions {
  /** Ends the walk over the members' keys. */
  signal?: AbortSignal;
}
