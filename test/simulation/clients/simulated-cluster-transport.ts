import { ClusterConnection } from '../../../lib/member/cluster-connection.js';
import { readFacts } from '../../../lib/member/ioredis-connection.js';
import { slotOf } from '../../../lib/member/key-slot.js';
import type { Connection, Subscription, Transport } from '../../../lib/member/transport.js';
import type { SimulatedMember } from '../members/simulated-member.js';
import type { Route } from './channel.js';
import { firstExchange, openChannel, subscribeOn } from './open-channel.js';
import { SimulatedClient } from './simulated-client.js';

/** Part of the time to connect that one master may take to tell who serves which slots, as in `ClusterMap`. */
const askFraction = 0.3;

/** `CLUSTER SLOTS`. */
type Ranges = readonly (readonly [first: number, last: number, master: readonly [host: string, port: number]])[];

/** How one client reaches one partition of a member that is a Redis Cluster: asks who serves its slot, and connects there. */
export class SimulatedClusterTransport implements Transport {
  readonly mayKeepPart = true;
  private readonly slot: number;

  constructor(
    private readonly member: SimulatedMember,
    private readonly prefix: string,
    /** To each of its masters. */
    private readonly routes: readonly Route[],
  ) {
    this.slot = slotOf(prefix);
  }

  get address(): string {
    return `cluster:${this.member.name}`;
  }

  mapKey(key: string): string {
    return this.member.mapKey(this.prefix, key);
  }

  async connect(timeout: number, onClosed: (reason: string) => void): Promise<Connection> {
    const route = await this.routeToMaster(timeout);
    const channel = await openChannel(route, timeout, onClosed);
    const client = new SimulatedClient(channel);
    const facts = await firstExchange(route, channel, timeout, () => readFacts(client));
    return new ClusterConnection(client, facts, (key) => this.mapKey(key), this.mapKey(`${this.prefix}:never`));
  }

  async subscribe(
    name: string,
    timeout: number,
    onMessage: (message: string) => void,
    onClosed: (reason: string) => void,
  ): Promise<Subscription> {
    return subscribeOn(await this.routeToMaster(timeout), name, timeout, onMessage, onClosed);
  }

  /** One master after the other is asked, as ioredis does. */
  private async routeToMaster(timeout: number): Promise<Route> {
    let failure: unknown;
    for (const route of this.routes[0]!.chance.shuffled(this.routes)) {
      try {
        const name = await this.ask(route, Math.ceil(timeout * askFraction));
        return this.routes.find(({ member }) => member.name === name)!;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  private async ask(route: Route, timeout: number): Promise<string> {
    const channel = await openChannel(route, timeout, () => undefined);
    const client = new SimulatedClient(channel);
    const ranges = (await firstExchange(route, channel, timeout, () => client.call('CLUSTER', 'SLOTS'))) as Ranges;
    channel.close();
    return ranges.find(([first, last]) => first <= this.slot && this.slot <= last)![2][0];
  }
}
