import type { Cluster, Redis } from 'ioredis';
import { openClient, ownSettings } from './ioredis-client.js';

/** Part of the time to connect that one server of the Cluster may take to tell who serves which slots. */
const askFraction = 0.3;

/** Which master serves each slot, and how each is reached. */
interface Answer {
  readonly slots: readonly (readonly string[])[];
  readonly servers: ReadonlyMap<string, Redis>;
}

/** Who serves which slot of one Redis Cluster: asked anew each time, but once for all who ask at the same time. */
export class ClusterMap {
  private asking: Promise<Answer> | undefined;

  constructor(
    /** Makes a Cluster client with `ownSettings` that is not connected yet. */
    private readonly createClient: (slotsRefreshTimeout: number) => Cluster,
  ) {}

  /**
   * A client, not connected yet, of the master that serves a slot.
   *
   * @param timeout ms
   * @throws Error when no server tells it
   */
  async masterOf(slot: number, timeout: number): Promise<Redis> {
    this.asking ??= this.ask(timeout).finally(() => (this.asking = undefined));
    const { slots, servers } = await this.asking;
    const master = servers.get(slots[slot]?.[0] ?? '');
    if (!master) throw new Error(`no server of the Cluster serves slot ${slot}`);
    return master.duplicate({ ...ownSettings, readOnly: false });
  }

  private async ask(timeout: number): Promise<Answer> {
    const cluster = this.createClient(Math.ceil(timeout * askFraction));
    const client = await openClient(cluster, timeout, () => undefined);
    const { slots } = cluster;
    const servers = new Map(cluster.nodes('all').map((node) => [`${node.options.host}:${node.options.port}`, node]));
    client.disconnect();
    return { slots, servers };
  }
}
