import type { Cluster } from 'ioredis';
import { bounded } from '../runtime/bounded.js';
import { systemClock } from '../runtime/clock.js';
import { openClient, type IoredisClient } from './ioredis-client.js';
import { evaluate, parseFacts, scan } from './ioredis-connection.js';
import { closeOnError, subscribe } from './ioredis-transport.js';
import type { Script } from './script.js';
import type { Argument, Connection, ServerFacts, Subscription, Transport } from './transport.js';

/** What scripts on Cluster members get as incarnation: "look for yourself", as the shard's master may change under us. */
const selfReported = '*';

const slotKey = 'majority';

/**
 * A member that is a Redis Cluster. All keys of a group go to one slot (hash tag around the prefix), so one shard
 * carries the member; its scripts ask the shard itself for its `run_id` each time.
 */
export class ClusterTransport implements Transport {
  constructor(
    readonly address: string,
    private readonly prefix: string,
    /** Makes a Cluster client with `ownSettings` that is not connected yet. */
    private readonly createClient: () => Cluster,
    private readonly infoScript: Script,
  ) {}

  mapKey(key: string): string {
    return `{${this.prefix}}${key.slice(this.prefix.length)}`;
  }

  async connect(timeout: number, onClosed: (reason: string) => void): Promise<Connection> {
    const cluster = this.createClient();
    const client = await openClient(cluster, timeout, onClosed);
    const facts = await closeOnError(client, () =>
      bounded(systemClock, this.readFacts(client), timeout, `no reply in ${timeout} ms`, () => client.disconnect()),
    );
    return new ClusterConnection(client, cluster, facts);
  }

  async subscribe(
    channel: string,
    timeout: number,
    onMessage: (message: string) => void,
    onClosed: (reason: string) => void,
  ): Promise<Subscription> {
    return subscribe(await openClient(this.createClient(), timeout, onClosed), channel, timeout, onMessage);
  }

  private async readFacts(client: IoredisClient): Promise<ServerFacts> {
    const [server, memory] = (await evaluate(
      client,
      this.infoScript,
      [this.mapKey(`${this.prefix}:${slotKey}`)],
      [],
    )) as [string, string];
    return parseFacts(server, memory);
  }
}

class ClusterConnection implements Connection {
  readonly incarnation = selfReported;

  constructor(
    private readonly client: IoredisClient,
    private readonly cluster: Cluster,
    readonly facts: ServerFacts,
  ) {}

  evaluate(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return evaluate(this.client, script, keys, args);
  }

  async *scan(pattern: string): AsyncGenerator<readonly string[]> {
    for (const master of this.cluster.nodes('master')) yield* scan(master as unknown as IoredisClient, pattern);
  }

  close(): void {
    this.client.disconnect();
  }
}
