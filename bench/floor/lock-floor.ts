import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { installedVersion } from '../peers/installed-version.js';
import { type Peer, type LockConnection, TTL_MS } from '../peers/peer.js';
import { connectClients, disconnectClients } from '../peers/redis-clients.js';
import { askMajority } from './ask-majority.js';
import { loadScript } from './load-script.js';
import { ACQUIRE_SCRIPT, RELEASE_SCRIPT } from './scripts.js';

interface FloorLock {
  readonly key: string;
  readonly value: string;
}

/**
 * What a majority lock costs with nothing around it: one EVALSHA to each member, awaited at the majority-th reply, to
 * take it, and the same to give it back. No clock check, no retry, no timeout, no fencing.
 */
export const peer: Peer<LockConnection> = {
  name: 'floor',
  versions: installedVersion('ioredis'),
  async connect(urls) {
    const clients = await connectClients(Redis, urls);
    const [acquireSha, releaseSha] = await Promise.all([
      loadScript(clients, ACQUIRE_SCRIPT),
      loadScript(clients, RELEASE_SCRIPT),
    ]);
    return new FloorConnection(clients, acquireSha, releaseSha);
  },
};

class FloorConnection implements LockConnection<FloorLock> {
  private readonly prefix = randomBytes(12).toString('hex');
  private count = 0;

  constructor(
    private readonly clients: readonly Redis[],
    private readonly acquireSha: string,
    private readonly releaseSha: string,
  ) {}

  async acquire(key: string): Promise<FloorLock> {
    const value = `${this.prefix}${++this.count}`;
    await askMajority(this.clients, (client) => client.evalsha(this.acquireSha, 1, key, value, TTL_MS), isOne);
    return { key, value };
  }

  async release({ key, value }: FloorLock): Promise<void> {
    await askMajority(this.clients, (client) => client.evalsha(this.releaseSha, 1, key, value), isOne);
  }

  async close(): Promise<void> {
    disconnectClients(this.clients);
  }
}

function isOne(reply: unknown): boolean {
  return reply === 1;
}
