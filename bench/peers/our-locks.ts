import { loadLibrary } from '../library.js';
import { libraryClientVersion, libraryVersion } from './installed-version.js';
import { type Peer, type LockConnection, TTL_MS, WAIT_MAX_MS } from './peer.js';

const { connectMajorityRedis } = await loadLibrary();
type MajorityRedis = Awaited<ReturnType<typeof connectMajorityRedis>>;
type Lock = Awaited<ReturnType<MajorityRedis['locks']['acquire']>>;

/** nestjs-majority-redis with its defaults: automatic extension, fencing tokens and rejoin are all on. */
export const peer: Peer<LockConnection> = {
  name: 'ours',
  versions: `${libraryVersion()}, ${libraryClientVersion()}`,
  async connect(urls) {
    return new OurConnection(await connectMajorityRedis({ nodes: urls }));
  },
};

class OurConnection implements LockConnection<Lock> {
  constructor(private readonly redis: MajorityRedis) {}

  acquire(key: string): Promise<Lock> {
    return this.redis.locks.acquire(key, { ttl: TTL_MS });
  }

  acquireWaiting(key: string): Promise<Lock> {
    return this.redis.locks.acquire(key, { ttl: TTL_MS, waitFor: WAIT_MAX_MS });
  }

  async release(lock: Lock): Promise<void> {
    const outcome = await lock.release();
    if (outcome !== 'released') throw new Error(`release was ${outcome}`);
  }

  close(): Promise<void> {
    return this.redis.close();
  }
}
