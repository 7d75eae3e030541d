import { IoredisConnection, readFacts } from '../../../lib/member/ioredis-connection.js';
import type { Connection, Subscription, Transport } from '../../../lib/member/transport.js';
import { bounded } from '../../../lib/runtime/bounded.js';
import { fromBytes } from '../redis/bytes.js';
import { Channel, type Route } from './channel.js';
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
    const channel = await this.open(timeout, onClosed);
    const client = new SimulatedClient(channel);
    return new IoredisConnection(client, await this.first(channel, timeout, () => readFacts(client)));
  }

  async subscribe(
    name: string,
    timeout: number,
    onMessage: (message: string) => void,
    onClosed: (reason: string) => void,
  ): Promise<Subscription> {
    const channel = await this.open(timeout, onClosed, (message) => onMessage(fromBytes(message)));
    await this.first(channel, timeout, () => new SimulatedClient(channel).subscribe(name));
    return { close: () => channel.close() };
  }

  private async open(timeout: number, ...listeners: ChannelListeners): Promise<Channel> {
    const channel = new Channel(this.route, ...listeners);
    const said = `no connection in ${timeout} ms`;
    await bounded(this.route.process, channel.isOpened, timeout, said, () => channel.close());
    return channel;
  }

  /** The first exchange on a fresh connection, which is closed when that fails. */
  private async first<T>(channel: Channel, timeout: number, exchange: () => Promise<T>): Promise<T> {
    try {
      return await bounded(this.route.process, exchange(), timeout, `no reply in ${timeout} ms`, () => channel.close());
    } catch (error) {
      channel.close();
      throw error;
    }
  }
}

type ChannelListeners = ConstructorParameters<typeof Channel> extends [Route, ...infer Rest] ? Rest : never;
