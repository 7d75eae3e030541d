import { loadLibrary } from '../library.js';
import { libraryClientVersion, libraryVersion } from './installed-version.js';
import type { Peer, StoreConnection } from './peer.js';

const { connectMajorityRedis, OutcomeUnknownError } = await loadLibrary();
type MajorityRedis = Awaited<ReturnType<typeof connectMajorityRedis>>;

/** The key-value store of nestjs-majority-redis with its defaults. */
export const peer: Peer<StoreConnection> = {
  name: 'ours',
  versions: `${libraryVersion()}, ${libraryClientVersion()}`,
  async connect(urls) {
    return new OurStoreConnection(await connectMajorityRedis({ nodes: urls }));
  },
};

class OurStoreConnection implements StoreConnection {
  constructor(private readonly redis: MajorityRedis) {}

  get(key: string): Promise<unknown> {
    return this.redis.kv.get(key);
  }

  set(key: string, value: string): Promise<unknown> {
    return this.redis.kv.set(key, value);
  }

  increment(key: string): Promise<number> {
    return this.redis.kv.increment(key);
  }

  isUnknown(error: unknown): boolean {
    return error instanceof OutcomeUnknownError;
  }

  close(): Promise<void> {
    return this.redis.close();
  }
}
