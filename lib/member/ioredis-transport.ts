import type { Redis } from 'ioredis';
import { bounded } from '../runtime/bounded.js';
import { systemClock } from '../runtime/clock.js';
import { openClient, type IoredisClient } from './ioredis-client.js';
import { IoredisConnection, readFacts } from './ioredis-connection.js';
import type { Connection, ServerFacts, Subscription, Transport } from './transport.js';

/** A member that is one server: by URL, options, Sentinel, or as a ready instance shows it. */
export class IoredisTransport implements Transport {
  constructor(
    readonly address: string,
    private readonly keyPrefix: string,
    /** Makes a client with `ownSettings` that is not connected yet. */
    private readonly createClient: () => Redis,
  ) {}

  mapKey(key: string): string {
    return key;
  }

  async connect(timeout: number, onClosed: (reason: string) => void): Promise<Connection> {
    const client = await openClient(this.createClient(), timeout, onClosed);
    const facts = await closeOnError(client, () =>
      bounded(systemClock, greet(client, this.keyPrefix), timeout, `no reply in ${timeout} ms`, () =>
        client.disconnect(),
      ),
    );
    return new IoredisConnection(client, facts);
  }

  async subscribe(
    channel: string,
    timeout: number,
    onMessage: (message: string) => void,
    onClosed: (reason: string) => void,
  ): Promise<Subscription> {
    return subscribe(await openClient(this.createClient(), timeout, onClosed), channel, timeout, onMessage);
  }
}

/** A user who may not subscribe is named here: no script can try that, and later it would show in slow wake-ups only. */
export async function greet(client: IoredisClient, keyPrefix: string): Promise<ServerFacts> {
  const channel = `${keyPrefix}:preflight`;
  await Promise.all([client.subscribe(channel), client.unsubscribe(channel)]);
  return readFacts(client);
}

/** Puts an open client into subscriber mode on one channel. */
export async function subscribe(
  client: IoredisClient,
  channel: string,
  timeout: number,
  onMessage: (message: string) => void,
): Promise<Subscription> {
  client.on('message', (_: string, message: string) => onMessage(message));
  await closeOnError(client, () =>
    bounded(systemClock, client.subscribe(channel), timeout, `no reply in ${timeout} ms`, () => client.disconnect()),
  );
  return { close: () => client.disconnect() };
}

/** Runs a first step on a fresh client and closes it when that fails. */
export async function closeOnError<T>(client: IoredisClient, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    client.disconnect();
    throw error;
  }
}
