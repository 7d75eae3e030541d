import type { MajorityRedis } from '../connect.js';
import type { LockState } from '../lock/lock.js';
import type { Listed, LockView } from './wire.js';

/** Locks that are shown at most. */
const locksMax = 200;

/**
 * The first locks found that are held and begin with a prefix, sorted. The one that is called exactly so is among them,
 * however many others begin so.
 *
 * @throws InvalidOptionsError; NoQuorumError
 */
export async function findLocks(
  locks: MajorityRedis['locks'],
  prefix: string,
  isWanted: () => boolean,
): Promise<Listed<LockView>> {
  const found = new Map<string, LockView>();
  const add = ({ key, mode, token, holders, waiting }: LockState): void => {
    if (mode !== 'free') found.set(key, { key, mode, token, holders, waiting });
  };
  if (prefix !== '') add(await locks.inspect(prefix));
  let hasMore = false;
  for await (const state of locks.list(prefix)) {
    hasMore = found.size === locksMax && !found.has(state.key);
    if (hasMore || !isWanted()) break;
    add(state);
  }
  return { items: [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1)), hasMore };
}
