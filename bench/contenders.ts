import type { Peer } from './peers/peer.js';

/** Every contender and the file of its adapter, loaded only in the process that runs it. */
const adapters: Record<string, () => Promise<{ peer: Peer }>> = {
  floor: () => import('./floor/floor.js'),
  ours: () => import('./peers/ours.js'),
  'redlock-4': () => import('./peers/redlock-4.js'),
  'redlock-5': () => import('./peers/redlock-5.js'),
  'sesamecare-redlock': () => import('./peers/sesamecare-redlock.js'),
  'redlock-universal': () => import('./peers/redlock-universal.js'),
  'redis-semaphore': () => import('./peers/redis-semaphore.js'),
};

export const contenderNames: readonly string[] = Object.keys(adapters);

/** Whether others are compared with it as a peer: all but ours and the floor. */
export function isPeer(name: string): boolean {
  return name !== 'ours' && name !== 'floor';
}

export async function loadContender(name: string): Promise<Peer> {
  const load = adapters[name];
  if (!load) throw new Error(`no contender is called "${name}"; there are ${contenderNames.join(', ')}`);
  return (await load()).peer;
}
