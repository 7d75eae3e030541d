import { findRedisServer } from './find-redis-server.js';
import { type LocalServer, type Persistence, launchLocalServer } from './local-server.js';

/** What `startLocalGroup()` takes; all of it optional. */
export interface LocalGroupOptions {
  /** Number of servers, 1 to 9; default 5. */
  size?: number;
  /** Default `none`. */
  persistence?: Persistence;
  /** More arguments for every server, for example `['--requirepass', 'secret']`. */
  args?: readonly string[];
  /** Path of the server program; default: what `findRedisServer()` finds. */
  redisServer?: string;
}

/** Real, independent Redis servers on this machine. `await using` stops them at the end of the block. */
export interface LocalGroup extends AsyncDisposable {
  readonly members: readonly LocalServer[];
  /** `redis://127.0.0.1:port` of each member, for the option `nodes`. */
  readonly urls: string[];
  /** Ends all servers and removes their folders. Safe to call twice. */
  stop(): Promise<void>;
}

const sizeMax = 9;

/**
 * Starts a group of servers on free ports, for tests and demonstrations. They end with this process, even when it is
 * killed, and leave nothing behind.
 *
 * @returns the group when every server answers
 * @throws Error when `size` is not allowed, no server program is found, or one does not start (with its log lines)
 */
export async function startLocalGroup(options: LocalGroupOptions = {}): Promise<LocalGroup> {
  const { size = 5, persistence = 'none', args = [], redisServer = await findRedisServer() } = options;
  if (!Number.isInteger(size) || size < 1 || size > sizeMax) {
    throw new Error(`size must be a whole number from 1 to ${sizeMax}, got ${size}`);
  }
  const names = Array.from({ length: size }, (_, index) => `redis-${index + 1}`);
  const launches = await Promise.allSettled(
    names.map((name) => launchLocalServer({ name, persistence, args, redisServer })),
  );
  const members = launches.flatMap((launch) => (launch.status === 'fulfilled' ? [launch.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.dispose()));
  };
  const failed = launches.find((launch) => launch.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return { members, urls: members.map(({ url }) => url), stop, [Symbol.asyncDispose]: stop };
}
