import { Redis } from 'ioredis-5';
import Redlock, { type Lock } from 'redlock-4';
import { installedVersion } from './installed-version.js';
import { type Peer, type LockConnection, TTL_MS } from './peer.js';
import { connectClients, disconnectClients } from './redis-clients.js';

/** redlock 4: waits for the replies of all members. On ioredis 5, the newest major of its time's callback interface. */
export const peer: Peer<LockConnection> = {
  name: 'redlock-4',
  versions: `${installedVersion('redlock-4')}, ${installedVersion('ioredis-5')}`,
  async connect(urls) {
    return new Redlock4Connection(await connectClients(Redis, urls));
  },
};

class Redlock4Connection implements LockConnection<Lock> {
  private readonly once: Redlock;
  // retries without end, 200 ms ± 100 apart (its default); a whole wait cannot be bounded otherwise
  private readonly waiting: Redlock;

  constructor(private readonly clients: Redis[]) {
    this.once = new Redlock(clients, { retryCount: 0 });
    this.waiting = new Redlock(clients, { retryCount: -1 });
  }

  acquire(key: string): PromiseLike<Lock> {
    return this.once.lock(key, TTL_MS);
  }

  acquireWaiting(key: string): PromiseLike<Lock> {
    return this.waiting.lock(key, TTL_MS);
  }

  release(lock: Lock): PromiseLike<void> {
    return lock.unlock();
  }

  async close(): Promise<void> {
    disconnectClients(this.clients);
  }
}
