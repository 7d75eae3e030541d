import { Redis } from 'ioredis';
import { createRedlock, IoredisAdapter, type Lock, type LockHandle } from 'redlock-universal';
import { installedVersion } from './installed-version.js';
import { type Peer, type LockConnection, TTL_MS, WAIT_MAX_MS } from './peer.js';
import { connectClients, disconnectClients } from './redis-clients.js';

/** ms between two attempts: the library's default, named because the number of attempts follows from it. */
const RETRY_DELAY_MS = 200;

/** redlock-universal: waits for the replies of all members, each at most 5 s (its default). */
export const peer: Peer<LockConnection> = {
  name: 'redlock-universal',
  versions: `${installedVersion('redlock-universal')}, ${installedVersion('ioredis')}`,
  async connect(urls) {
    return new RedlockUniversalConnection(await connectClients(Redis, urls));
  },
};

interface HeldLock {
  readonly lock: Lock;
  readonly handle: LockHandle;
}

class RedlockUniversalConnection implements LockConnection<HeldLock> {
  private readonly adapters: IoredisAdapter[];
  /** A lock object belongs to one key and keeps no state of a holder: made once a key, as its README does. */
  private readonly locks = new Map<string, Lock>();

  constructor(private readonly clients: Redis[]) {
    this.adapters = clients.map((client) => new IoredisAdapter(client));
  }

  acquire(key: string): Promise<HeldLock> {
    return this.take(key, 0);
  }

  acquireWaiting(key: string): Promise<HeldLock> {
    return this.take(key, Math.floor(WAIT_MAX_MS / RETRY_DELAY_MS));
  }

  async release({ lock, handle }: HeldLock): Promise<void> {
    if (!(await lock.release(handle))) throw new Error('release was not confirmed by a quorum');
  }

  async close(): Promise<void> {
    disconnectClients(this.clients);
  }

  private async take(key: string, retryAttempts: number): Promise<HeldLock> {
    let lock = this.locks.get(key);
    if (!lock) {
      const { adapters } = this;
      lock = createRedlock({ adapters, key, ttl: TTL_MS, retryAttempts, retryDelay: RETRY_DELAY_MS });
      this.locks.set(key, lock);
    }
    return { lock, handle: await lock.acquire() };
  }
}
