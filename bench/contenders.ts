import type { LockConnection, Peer, QueueConnection, StoreConnection } from './peers/peer.js';

/** What contenders are connected as. */
export interface Connections {
  lock: LockConnection;
  store: StoreConnection;
  queue: QueueConnection;
}

export const purposes = ['lock', 'store', 'queue'] as const satisfies readonly (keyof Connections)[];

export type Purpose = (typeof purposes)[number];

type Adapters<P extends Purpose> = Record<string, () => Promise<{ peer: Peer<Connections[P]> }>>;

/** Every contender and the file of its adapter, loaded only in the process that runs it. */
const adapters: { readonly [P in Purpose]: Adapters<P> } = {
  lock: {
    floor: () => import('./floor/lock-floor.js'),
    ours: () => import('./peers/our-locks.js'),
    'redlock-4': () => import('./peers/redlock-4.js'),
    'redlock-5': () => import('./peers/redlock-5.js'),
    'sesamecare-redlock': () => import('./peers/sesamecare-redlock.js'),
    'redlock-universal': () => import('./peers/redlock-universal.js'),
    'redis-semaphore': () => import('./peers/redis-semaphore.js'),
  },
  store: {
    floor: () => import('./floor/store-floor.js'),
    ours: () => import('./peers/our-store.js'),
    gryadka: () => import('./peers/gryadka.js'),
  },
  queue: {
    floor: () => import('./floor/queue-floor.js'),
    ours: () => import('./peers/our-queue.js'),
    bullmq: () => import('./peers/bullmq.js'),
  },
};

/** The names of all that can be connected so. */
export function contendersFor(purpose: Purpose): readonly string[] {
  return Object.keys(adapters[purpose]);
}

export const contenderNames: readonly string[] = [...new Set(purposes.flatMap((purpose) => contendersFor(purpose)))];

/** Whether others are compared with it as a peer: all but ours and the floor. */
export function isPeer(name: string): boolean {
  return name !== 'ours' && name !== 'floor';
}

export async function loadContender<P extends Purpose>(purpose: P, name: string): Promise<Peer<Connections[P]>> {
  const load = adapters[purpose][name];
  if (!load) throw new Error(`no ${purpose} contender is called "${name}"; there are ${contendersFor(purpose).join()}`);
  return (await load()).peer;
}
