import { Redis } from 'ioredis';
import { slotOf } from '../../lib/member/key-slot.js';
import { createTransport } from '../../lib/member/node-transport.js';
import type { Script } from '../../lib/member/script.js';
import type { Argument, Connection, Transport } from '../../lib/member/transport.js';
import { GroupKeys } from '../../lib/quorum/group-keys.js';
import type { LocalServer } from '../../lib/testing/index.js';
import { eventually } from './eventually.js';
import { masterOf, startLocalCluster, type LocalCluster } from './local-cluster.js';

const prefix = 'p';

/** A real Redis Cluster of two masters that votes, and the scripts of this package as its clients call them. */
export class ClusterMember implements AsyncDisposable {
  readonly groupKeys = new GroupKeys(prefix);
  private readonly subscribers: Redis[] = [];

  private constructor(
    private readonly cluster: LocalCluster,
    private readonly transport: Transport,
    private readonly connection: Connection,
    /** The master that serves the keys of the group. */
    readonly serving: LocalServer,
    readonly other: LocalServer,
  ) {}

  static async start(): Promise<ClusterMember> {
    const cluster = await startLocalCluster(2);
    const transport = createTransport('nodes[0]', { cluster: cluster.startupNodes }, prefix);
    const connection = await transport.connect(5000, () => undefined);
    const serving = await masterOf(slotOf(prefix), cluster);
    const other = cluster.masters.find((master) => master !== serving)!;
    const member = new ClusterMember(cluster, transport, connection, serving, other);
    await serving.command('SET', transport.mapKey(member.groupKeys.marker), connection.facts.incarnation);
    return member;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.close();
    for (const subscriber of this.subscribers) subscriber.disconnect();
    await this.cluster[Symbol.asyncDispose]();
  }

  /** One request to a voting script, with its own answer. @param header what its arguments start with */
  async vote(script: Script, keys: readonly string[], header: Argument, text: string): Promise<unknown> {
    const mapped = [this.groupKeys.marker, ...keys].map((key) => this.transport.mapKey(key));
    const reply = await this.connection.evaluate(script, mapped, [this.connection.facts.incarnation, header, text]);
    return Array.isArray(reply) ? (reply as unknown[])[0] : reply;
  }

  /** Reads an inbox at one of its masters. @returns takes all that the master which serves the keys published until then */
  async inboxAt(master: LocalServer, channel: string): Promise<() => Promise<string[]>> {
    const subscriber = new Redis(master.url);
    this.subscribers.push(subscriber);
    const heard: string[] = [];
    subscriber.on('message', (_, message: string) => heard.push(message));
    await subscriber.subscribe(channel);
    return async () => {
      // messages arrive in order, also on their way through the Cluster
      await this.serving.command('PUBLISH', channel, 'until here');
      await eventually(() => heard.at(-1) === 'until here');
      return heard.splice(0).slice(0, -1);
    };
  }
}
