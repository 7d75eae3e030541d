import { bounded } from '../runtime/bounded.js';
import { systemClock } from '../runtime/clock.js';
import { ClusterConnection } from './cluster-connection.js';
import type { ClusterMap } from './cluster-map.js';
import { openClient, type IoredisClient } from './ioredis-client.js';
import { closeOnError, greet, subscribe } from './ioredis-transport.js';
import { slotOf } from './key-slot.js';
import type { Connection, Subscription, Transport } from './transport.js';

/**
 * A member that is a Redis Cluster. All keys under one prefix go to one slot (hash tag around the prefix), and so to one
 * of its masters: that one is looked up, and connected to directly. So a connection is one life of one server here as
 * elsewhere; when the slot is served by another one, a new connection finds it.
 */
export class ClusterTransport implements Transport {
  readonly mayKeepPart = true;
  private readonly slot: number;

  constructor(
    readonly address: string,
    private readonly prefix: string,
    private readonly map: ClusterMap,
  ) {
    this.slot = slotOf(prefix);
  }

  mapKey(key: string): string {
    return `{${this.prefix}}${key.slice(this.prefix.length)}`;
  }

  async connect(timeout: number, onClosed: (reason: string) => void): Promise<Connection> {
    const client = await this.open(timeout, onClosed);
    const facts = await closeOnError(client, () =>
      bounded(systemClock, greet(client, this.prefix), timeout, `no reply in ${timeout} ms`, () => client.disconnect()),
    );
    return new ClusterConnection(client, facts, (key) => this.mapKey(key), this.mapKey(`${this.prefix}:never`));
  }

  async subscribe(
    channel: string,
    timeout: number,
    onMessage: (message: string) => void,
    onClosed: (reason: string) => void,
  ): Promise<Subscription> {
    return subscribe(await this.open(timeout, onClosed), channel, timeout, onMessage);
  }

  private async open(timeout: number, onClosed: (reason: string) => void): Promise<IoredisClient> {
    return openClient(await this.map.masterOf(this.slot, timeout), timeout, onClosed);
  }
}
