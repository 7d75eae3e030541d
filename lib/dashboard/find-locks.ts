import type { MajorityRedis } from '../connect.js';
import type { LockState } from '../lock/lock.js';
import type { Listed, LockView } from './wire.js';

/** Locks that are shown at most. */
const locksMax = 200;
/** Holders of one lock that are named. */
const holdersMax = 10;

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
  const add = (state: LockState): void => {
    if (state.mode !== 'free') found.set(state.key, viewOf(state, state.mode));
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

/** How locks that were found are now; those that were released are left out. @throws NoQuorumError */
export async function lookAtLocks(
  locks: MajorityRedis['locks'],
  found: readonly LockView[],
): Promise<readonly LockView[]> {
  const states = await Promise.all(found.map(({ key }) => locks.inspect(key)));
  return states.flatMap((state) => (state.mode === 'free' ? [] : [viewOf(state, state.mode)]));
}

function viewOf({ key, token, holders, waiting }: LockState, mode: LockView['mode']): LockView {
  const remaining = holders.reduce((longest, one) => Math.max(longest, one.remaining), 0);
  return { key, mode, token, holders: holders.slice(0, holdersMax), holderCount: holders.length, remaining, waiting };
}
