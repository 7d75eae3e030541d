import { IoredisConnection, readFacts } from '../../../lib/member/ioredis-connection.js';
import type { Connection, Subscription, Transport } from '../../../lib/member/transport.js';
import type { Route } from './channel.js';
import { firstExchange, openChannel, subscribeOn } from './open-channel.js';
import { SimulatedClient } from './simulated-client.js';

/**
 * How one client reaches one member: the transport over ioredis with its clients and its clock exchanged, in the same
 * steps and with the same words.
 */
export class SimulatedTransport implements Transport {
  constructor(
    readonly address: string,
    private readonly route: Route,
  ) {}

  mapKey(key: string): string {
    return key;
  }

  async connect(timeout: number, onClosed: (reason: string) => void): Promise<Connection> {
    const channel = await openChannel(this.route, timeout, onClosed);
    const client = new SimulatedClient(channel);
    const facts = await firstExchange(this.route, channel, timeout, () => readFacts(client));
    return new IoredisConnection(client, facts);
  }

  subscribe(
    name: string,
    timeout: number,
    onMessage: (message: string) => void,
    onClosed: (reason: string) => void,
  ): Promise<Subscription> {
    return subscribeOn(this.route, name, timeout, onMessage, onClosed);
  }
}
