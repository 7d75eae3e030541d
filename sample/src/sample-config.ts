import type { MajorityRedisOptions } from 'nestjs-majority-redis';

/** What the environment decides about the sample. */
export interface SampleConfig {
  /** Address to listen on. */
  readonly host: string;
  /** Port to listen on; 0 takes any free one. */
  readonly port: number;
  /** Your own Redis servers; absent: the sample starts five of its own. */
  readonly nodes?: readonly string[];
}

/** How many servers the sample starts when it is given none. */
export const embeddedSize = 5;

/**
 * What all clients of the ticket shop's group agree on. Leases are short, so that a person who breaks the group sees it
 * come back: after a majority forgot, the group waits the longest of them before it votes again.
 */
export const groupOptions = {
  keyPrefix: 'ticket-shop',
  connectTimeout: 10_000,
  lock: { ttl: 3_000, ttlMax: 5_000 },
  queue: { lease: 3_000, leaseMax: 5_000 },
} satisfies Omit<MajorityRedisOptions, 'nodes'>;

/**
 * Reads the sample's configuration.
 *
 * @param env `HOST` (default 127.0.0.1), `PORT` (default 3000), `REDIS_NODES` (redis:// or rediss:// URLs, separated by
 * commas; default: own servers)
 * @throws Error that names the variable and what is allowed
 */
export function readSampleConfig(env: NodeJS.ProcessEnv): SampleConfig {
  return {
    host: env['HOST']?.trim() || '127.0.0.1',
    port: readPort(env['PORT']),
    nodes: readNodes(env['REDIS_NODES']),
  };
}

function readPort(text: string | undefined): number {
  if (text === undefined || text.trim() === '') return 3000;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT must be a whole number from 0 to 65535, got "${text}"`);
  }
  return port;
}

function readNodes(text: string | undefined): readonly string[] | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const nodes = text.split(',').map((node) => node.trim());
  nodes.forEach((node, index) => {
    if (!/^rediss?:\/\/./.test(node)) {
      // The text itself may hold a password, so only its place is named.
      throw new Error(`REDIS_NODES must be redis:// or rediss:// URLs separated by commas; entry ${index + 1} is not`);
    }
  });
  return nodes;
}
