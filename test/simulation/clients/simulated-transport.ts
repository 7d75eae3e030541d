import { parseFacts } from '../../../lib/member/ioredis-connection.js';
import type { Connection, Subscription, Transport } from '../../../lib/member/transport.js';
import { bounded } from '../../../lib/runtime/bounded.js';
import { fromBytes, toBytes } from '../redis/bytes.js';
import { Channel, type Route } from './channel.js';
import { read, SimulatedConnection } from './simulated-connection.js';

/** How one client reaches one member, in the steps and with the words of the transport over ioredis. */
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
    const facts = await this.first(channel, timeout, async () => {
      const [server, memory] = await Promise.all([channel.send(['INFO', 'server']), channel.send(['INFO', 'memory'])]);
      return parseFacts(String(read(server)), String(read(memory)));
    });
    return new SimulatedConnection(channel, facts);
  }

  async subscribe(
    name: string,
    timeout: number,
    onMessage: (message: string) => void,
    onClosed: (reason: string) => void,
  ): Promise<Subscription> {
    const channel = await this.open(timeout, onClosed, (message) => onMessage(fromBytes(message)));
    await this.first(channel, timeout, () => channel.subscribe(toBytes(name)));
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
