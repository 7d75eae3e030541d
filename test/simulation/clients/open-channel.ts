import type { Subscription } from '../../../lib/member/transport.js';
import { bounded } from '../../../lib/runtime/bounded.js';
import { fromBytes } from '../redis/bytes.js';
import { Channel, type Route } from './channel.js';
import { SimulatedClient } from './simulated-client.js';

type ChannelListeners = ConstructorParameters<typeof Channel> extends [Route, ...infer Rest] ? Rest : never;

/** Connects to one machine. @throws Error with what it or the network said, or that it took over `timeout` ms */
export async function openChannel(route: Route, timeout: number, ...listeners: ChannelListeners): Promise<Channel> {
  const channel = new Channel(route, ...listeners);
  await bounded(route.process, channel.isOpened, timeout, `no connection in ${timeout} ms`, () => channel.close());
  return channel;
}

/** The first exchange on a fresh connection, which is closed when that fails. */
export async function firstExchange<T>(
  { process }: Route,
  channel: Channel,
  timeout: number,
  exchange: () => Promise<T>,
): Promise<T> {
  try {
    return await bounded(process, exchange(), timeout, `no reply in ${timeout} ms`, () => channel.close());
  } catch (error) {
    channel.close();
    throw error;
  }
}

/** Hears one channel of one machine, on a connection of its own. */
export async function subscribeOn(
  route: Route,
  name: string,
  timeout: number,
  onMessage: (message: string) => void,
  onClosed: (reason: string) => void,
): Promise<Subscription> {
  const channel = await openChannel(route, timeout, onClosed, (message) => onMessage(fromBytes(message)));
  await firstExchange(route, channel, timeout, () => new SimulatedClient(channel).subscribe(name));
  return { close: () => channel.close() };
}
