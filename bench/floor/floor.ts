import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { installedVersion } from '../peers/installed-version.js';
import { type Peer, type PeerConnection, TTL_MS } from '../peers/peer.js';
import { connectClients, disconnectClients } from '../peers/redis-clients.js';
import { ACQUIRE_SCRIPT, RELEASE_SCRIPT } from './scripts.js';

interface FloorLock {
  readonly key: string;
  readonly value: string;
}

/**
 * What a majority lock costs with nothing around it: one EVALSHA to each member, awaited at the majority-th reply, to
 * take it, and the same to give it back. No clock check, no retry, no timeout, no fencing.
 */
export const peer: Peer = {
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

class FloorConnection implements PeerConnection<FloorLock> {
  private readonly quorum: number;
  private readonly prefix = randomBytes(12).toString('hex');
  private count = 0;

  constructor(
    private readonly clients: readonly Redis[],
    private readonly acquireSha: string,
    private readonly releaseSha: string,
  ) {
    this.quorum = Math.floor(clients.length / 2) + 1;
  }

  async acquire(key: string): Promise<FloorLock> {
    const value = `${this.prefix}${++this.count}`;
    await this.askMajority((client) => client.evalsha(this.acquireSha, 1, key, value, TTL_MS));
    return { key, value };
  }

  async release({ key, value }: FloorLock): Promise<void> {
    await this.askMajority((client) => client.evalsha(this.releaseSha, 1, key, value));
  }

  async close(): Promise<void> {
    disconnectClients(this.clients);
  }

  /** Resolves at the majority-th reply of 1, rejects as soon as that cannot come any more. */
  private askMajority(ask: (client: Redis) => Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      let granted = 0;
      let refused = 0;
      const refuse = () => {
        if (++refused === this.clients.length - this.quorum + 1) reject(new Error('a majority refused or failed'));
      };
      const count = (reply: unknown) => {
        if (reply !== 1) refuse();
        else if (++granted === this.quorum) resolve();
      };
      for (const client of this.clients) ask(client).then(count, refuse);
    });
  }
}

async function loadScript(clients: readonly Redis[], script: string): Promise<string> {
  const [sha] = await Promise.all(clients.map((client) => client.script('LOAD', script)));
  return String(sha);
}
