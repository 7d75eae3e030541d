import type { Cluster, Command, Redis } from 'ioredis';
import { bounded } from '../runtime/bounded.js';
import { systemClock } from '../runtime/clock.js';

/** What we use of an ioredis client, of either kind and major. */
export interface IoredisClient {
  connect(): Promise<void>;
  disconnect(): void;
  call(command: string, ...args: (string | number | Buffer)[]): Promise<unknown>;
  evalsha(sha: string, keyCount: number, keys: readonly string[], args: readonly unknown[]): Promise<unknown>;
  eval(source: string, keyCount: number, keys: readonly string[], args: readonly unknown[]): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  sendCommand(command: Command): unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/**
 * Settings that every connection of ours has, whatever the user's say: one ioredis client is one life of one socket,
 * and nothing is queued or sent again behind our back.
 */
export const ownSettings = {
  lazyConnect: true,
  // of short replies ioredis reads those of RESP3 slower (bench/micro)
  protocol: 2,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  enableAutoPipelining: false,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  reconnectOnError: null,
  keyPrefix: '',
  commandTimeout: undefined,
  enableReadyCheck: false,
  showFriendlyErrorStack: false,
  stringNumbers: false,
  // a closed socket is destroyed at once: a frozen server would never answer the end of a polite one
  disconnectTimeout: 1,
} as const;

/**
 * Connects a fresh client. The reason of a failure is what the server or the network said, not ioredis' own
 * `Connection is closed`.
 *
 * @throws Error when it fails or takes over `timeout` ms; the client is then closed
 */
export async function openClient(
  client: Redis | Cluster,
  timeout: number,
  onClosed: (reason: string) => void,
): Promise<IoredisClient> {
  const opened = client as unknown as IoredisClient;
  let lastError: Error | undefined;
  let isOpen = false;
  opened.on('error', (error: Error & { lastNodeError?: Error }) => {
    lastError = error.lastNodeError ?? error;
  });
  opened.on('end', () => {
    if (isOpen) onClosed(lastError?.message ?? 'connection closed');
    isOpen = false;
  });
  try {
    await bounded(systemClock, opened.connect(), timeout, `no connection in ${timeout} ms`, () => opened.disconnect());
  } catch (error) {
    opened.disconnect();
    throw lastError && isVague(error) ? lastError : error;
  }
  isOpen = true;
  return opened;
}

function isVague(error: unknown): boolean {
  return (
    error instanceof Error && /connection is closed|failed to refresh slots|none of startup nodes/i.test(error.message)
  );
}
