import type { Cluster, Redis } from 'ioredis';
import { bounded } from '../runtime/bounded.js';
import { systemClock } from '../runtime/clock.js';
import { ClusterConnection } from './cluster-connection.js';
import { openClient, ownSettings, type IoredisClient } from './ioredis-client.js';
import { closeOnError, greet, subscribe } from './ioredis-transport.js';
import { slotOf } from './key-slot.js';
import type { Connection, Subscription, Transport } from './transport.js';

/** Part of the time to connect that one server of the Cluster may take to tell who serves which slots. */
const askFraction = 0.3;

/**
 * A member that is a Redis Cluster. All keys under one prefix go to one slot (hash tag around the prefix), and so to one
 * of its masters: that one is looked up, and connected to directly. So a connection is one life of one server here as
 * elsewhere; when the slot is served by another one, a new connection finds it.
 */
export class ClusterTransport implements Transport {
  constructor(
    readonly address: string,
    private readonly prefix: string,
    /** Makes a Cluster client with `ownSettings` that is not connected yet. */
    private readonly createClient: (slotsRefreshTimeout: number) => Cluster,
  ) {}

  mapKey(key: string): string {
    return `{${this.prefix}}${key.slice(this.prefix.length)}`;
  }

  async connect(timeout: number, onClosed: (reason: string) => void): Promise<Connection> {
    const client = await openClient(await this.locate(timeout), timeout, onClosed);
    const facts = await closeOnError(client, () =>
      bounded(systemClock, greet(client, this.prefix), timeout, `no reply in ${timeout} ms`, () => client.disconnect()),
    );
    return new ClusterConnection(client, facts, this.mapKey(`${this.prefix}:never`));
  }

  async subscribe(
    channel: string,
    timeout: number,
    onMessage: (message: string) => void,
    onClosed: (reason: string) => void,
  ): Promise<Subscription> {
    const client = await openClient(await this.locate(timeout), timeout, onClosed);
    return subscribe(client, channel, timeout, onMessage);
  }

  /** A client that is not connected yet, of the master that serves our slot. @throws Error when no server tells it */
  private async locate(timeout: number): Promise<Redis> {
    const cluster = this.createClient(Math.ceil(timeout * askFraction));
    const opened: IoredisClient = await openClient(cluster, timeout, () => undefined);
    try {
      const slot = slotOf(this.prefix);
      const master = cluster.slots[slot]?.[0];
      const found = cluster.nodes('all').find(({ options }) => `${options.host}:${options.port}` === master);
      if (!found) throw new Error(`no server of the Cluster serves slot ${slot}`);
      return found.duplicate({ ...ownSettings, readOnly: false });
    } finally {
      opened.disconnect();
    }
  }
}
