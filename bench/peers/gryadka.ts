import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { AcceptorClient, Cache, Proposer, type Change } from 'gryadka';
import { Redis } from 'ioredis';
import { installedVersion } from './installed-version.js';
import type { Peer, StoreConnection } from './peer.js';
import { connectClients, disconnectClients } from './redis-clients.js';

/** It refuses at once what others are at; a random delay up to this, ms, keeps proposers from undoing each other for ever. */
const RETRY_MS = 10;

/**
 * gryadka, the CASPaxos prototype of the paper's author, on node_redis 2. It retries nothing itself, so a change that
 * it says was not applied is tried again here.
 */
export const peer: Peer<StoreConnection> = {
  name: 'gryadka',
  versions: `${installedVersion('gryadka')}, ${installedVersion('gryadka/node_modules/redis')}`,
  async connect(urls) {
    const clients = await connectClients(Redis, urls);
    const [prepare = '', accept = ''] = await Promise.all(
      ['prepare', 'accept'].map(async (name) => {
        const script = await readFile(createRequire(import.meta.url).resolve(`gryadka/src/lua/${name}.lua`), 'utf8');
        const [sha] = await Promise.all(clients.map((client) => client.script('LOAD', script)));
        return String(sha);
      }),
    );
    disconnectClients(clients);
    const acceptors = urls.map((url) => {
      const { hostname, port } = new URL(url);
      return new AcceptorClient({
        prepare,
        accept,
        isTransient: false,
        storage: { host: hostname, port: Number(port) },
      });
    });
    for (const acceptor of acceptors) acceptor.start();
    return new GryadkaConnection(acceptors);
  },
};

class NotConfirmed extends Error {}

class GryadkaConnection implements StoreConnection {
  private readonly proposer: Proposer;

  constructor(private readonly acceptors: readonly AcceptorClient[]) {
    const quorum = Math.floor(acceptors.length / 2) + 1;
    this.proposer = new Proposer(new Cache(process.pid), acceptors, { read: quorum, write: quorum });
  }

  get(key: string): Promise<unknown> {
    return this.change(key, (value) => [value, null]);
  }

  set(key: string, value: string): Promise<unknown> {
    return this.change(key, () => [value, null]);
  }

  increment(key: string): Promise<unknown> {
    return this.change(key, (value) => [Number(value ?? 0) + 1, null]);
  }

  isUnknown(error: unknown): boolean {
    return error instanceof NotConfirmed;
  }

  async close(): Promise<void> {
    for (const acceptor of this.acceptors) acceptor.close();
  }

  private async change(key: string, change: Change): Promise<unknown> {
    for (;;) {
      const { status, details } = await this.proposer.changeQuery(key, change, (value) => value);
      if (status === 'OK') return details;
      if (status === 'UNKNOWN') throw new NotConfirmed('no majority confirmed');
      await pause(Math.random() * RETRY_MS);
    }
  }
}
