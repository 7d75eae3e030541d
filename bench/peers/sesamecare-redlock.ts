import { type Lock, Redlock } from '@sesamecare-oss/redlock';
import { Redis } from 'ioredis';
import { installedVersion } from './installed-version.js';
import { type Peer, type LockConnection, TTL_MS } from './peer.js';
import { connectClients, disconnectClients } from './redis-clients.js';

/** @sesamecare-oss/redlock: redlock 5 carried on; goes on at the majority-th reply. */
export const peer: Peer<LockConnection> = {
  name: 'sesamecare-redlock',
  versions: `${installedVersion('@sesamecare-oss/redlock')}, ${installedVersion('ioredis')}`,
  async connect(urls) {
    return new SesamecareConnection(await connectClients(Redis, urls));
  },
};

class SesamecareConnection implements LockConnection<Lock> {
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
