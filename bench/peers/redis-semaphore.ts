import { Redis } from 'ioredis';
import { RedlockMutex } from 'redis-semaphore';
import { installedVersion } from './installed-version.js';
import { type Peer, type LockConnection, TTL_MS, WAIT_MAX_MS } from './peer.js';
import { connectClients, disconnectClients } from './redis-clients.js';

/** redis-semaphore's RedlockMutex: waits for the replies of all members; retries every 10 ms (its default). */
export const peer: Peer<LockConnection> = {
  name: 'redis-semaphore',
  versions: `${installedVersion('redis-semaphore')}, ${installedVersion('ioredis')}`,
  async connect(urls) {
    return new RedisSemaphoreConnection(await connectClients(Redis, urls));
  },
};

class RedisSemaphoreConnection implements LockConnection<RedlockMutex> {
  constructor(private readonly clients: Redis[]) {}

  async acquire(key: string): Promise<RedlockMutex> {
    const mutex = new RedlockMutex(this.clients, key, { lockTimeout: TTL_MS, acquireAttemptsLimit: 1 });
    await mutex.acquire();
    return mutex;
  }

  async acquireWaiting(key: string): Promise<RedlockMutex> {
    const mutex = new RedlockMutex(this.clients, key, { lockTimeout: TTL_MS, acquireTimeout: WAIT_MAX_MS });
    await mutex.acquire();
    return mutex;
  }

  /** Does not tell whether a quorum confirmed. */
  release(mutex: RedlockMutex): Promise<void> {
    return mutex.release();
  }

  async close(): Promise<void> {
    disconnectClients(this.clients);
  }
}
