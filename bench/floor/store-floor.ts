import { Redis } from 'ioredis';
import { installedVersion } from '../peers/installed-version.js';
import type { Peer, StoreConnection } from '../peers/peer.js';
import { connectClients, disconnectClients } from '../peers/redis-clients.js';
import { askMajority } from './ask-majority.js';

/**
 * What a majority costs with nothing around it: a plain GET or SET to each member, awaited at the majority-th reply.
 * Replies are not compared: it is no store to use.
 */
export const peer: Peer<StoreConnection> = {
  name: 'floor',
  versions: installedVersion('ioredis'),
  async connect(urls) {
    return new StoreFloorConnection(await connectClients(Redis, urls));
  },
};

class StoreFloorConnection implements StoreConnection {
  constructor(private readonly clients: readonly Redis[]) {}

  get(key: string): Promise<void> {
    return askMajority(
      this.clients,
      (client) => client.get(key),
      (reply) => typeof reply === 'string',
    );
  }

  set(key: string, value: string): Promise<void> {
    return askMajority(
      this.clients,
      (client) => client.set(key, value),
      (reply) => reply === 'OK',
    );
  }

  async close(): Promise<void> {
    disconnectClients(this.clients);
  }
}
