/** The part of an ioredis client, of any major, that connecting and closing needs. */
interface RedisClient {
  on(event: 'error', listener: (error: Error) => void): unknown;
  ping(): PromiseLike<unknown>;
  disconnect(): void;
}

/**
 * One client per member with ioredis' default options, as every peer's README shows it.
 *
 * @returns when all have answered a PING
 */
export async function connectClients<Client extends RedisClient>(
  Redis: new (url: string) => Client,
  urls: readonly string[],
): Promise<Client[]> {
  const clients = urls.map((url) => new Redis(url));
  // a lost connection is seen in the answers of the calls; without a listener ioredis prints each attempt to reconnect
  for (const client of clients) client.on('error', () => undefined);
  await Promise.all(clients.map((client) => client.ping()));
  return clients;
}

/** Drops the connections at once: a polite QUIT would wait for a frozen member. */
export function disconnectClients(clients: readonly RedisClient[]): void {
  for (const client of clients) client.disconnect();
}
