import { Redis } from 'ioredis-5';
import Redlock, { type Lock } from 'redlock-5';
import { installedVersion } from './installed-version.js';
import { type Peer, type LockConnection, TTL_MS } from './peer.js';
import { connectClients, disconnectClients } from './redis-clients.js';

/** redlock 5 beta: goes on at the majority-th reply. Written for ioredis 4, used with 5. */
export const peer: Peer<LockConnection> = {
  name: 'redlock-5',
  versions: `${installedVersion('redlock-5')}, ${installedVersion('ioredis-5')}`,
  async connect(urls) {
    return new Redlock5Connection(await connectClients(Redis, urls));
  },
};

class Redlock5Connection implements LockConnection<Lock> {
  private readonly redlock: Redlock;

  constructor(private readonly clients: Redis[]) {
    this.redlock = new Redlock(clients);
  }

  acquire(key: string): Promise<Lock> {
    return this.redlock.acquire([key], TTL_MS, { retryCount: 0 });
  }

  /** Retries without end, 200 ms ± 100 apart (its default). */
  acquireWaiting(key: string): Promise<Lock> {
    return this.redlock.acquire([key], TTL_MS, { retryCount: -1 });
  }

  release(lock: Lock): Promise<unknown> {
    return this.redlock.release(lock, { retryCount: 0 });
  }

  async close(): Promise<void> {
    disconnectClients(this.clients);
  }
}
