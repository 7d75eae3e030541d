import { expect, it } from 'vitest';
import { NoQuorumError } from '../../../lib/errors.js';
import type { LockState } from '../../../lib/lock/lock.js';
import { startLocalGroup } from '../../../lib/testing/index.js';
import { acquireEverywhere, Clients } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

async function all(locks: AsyncIterable<LockState>): Promise<LockState[]> {
  const states: LockState[] = [];
  for await (const state of locks) states.push(state);
  return states;
}

it('gives up on a member that hangs, also when nothing else is asked of it', async () => {
  await using group = await startLocalGroup({ size: 3 });
  const clients = new Clients();
  try {
    const { locks, kv, group: view } = await clients.connect(group.urls, { requestTimeout: 100 });
    await eventually(() => view.status().voting === 3);
    group.members[0]!.freeze();
    await expect(all(locks.list())).rejects.toThrow(NoQuorumError);
    // by now it is known not to answer, and the others are a quorum
    expect(await all(locks.list())).toEqual([]);
    for await (const key of kv.keys()) expect(key).toBe('none');
  } finally {
    await clients.close();
  }
});

it('finds a lock that only a quorum has on record, whichever members these are', async () => {
  await using group = await startLocalGroup({ size: 5 });
  const clients = new Clients();
  try {
    const { locks, group: view } = await clients.connect(group.urls);
    await eventually(() => view.status().voting === 5);
    for (const without of [[], [0, 1], [1, 3], [3, 4], [0, 4]]) {
      const key = `partial:${without.join()}`;
      await acquireEverywhere(locks, key, { ttl: 60_000, autoExtend: false });
      for (const index of without) await group.members[index]!.command('DEL', `majority:lock:${key}`);
      expect((await all(locks.list(key))).map((state) => state.key)).toEqual([key]);
    }
  } finally {
    await clients.close();
  }
});

it('ends with the reason of its signal, before the first lock and between two', async () => {
  await using group = await startLocalGroup({ size: 3 });
  const clients = new Clients();
  try {
    const { locks } = await clients.connect(group.urls);
    for (const key of ['a', 'b', 'c']) await locks.acquire(key, { ttl: 60_000 });
    const reason = new Error('enough');
    await expect(all(locks.list('none', { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    const controller = new AbortController();
    const walk = locks.list('', { signal: controller.signal });
    expect((await walk.next()).done).toBe(false);
    controller.abort(reason);
    await expect(walk.next()).rejects.toBe(reason);
    expect(() => locks.list('', { limit: 1 } as object)).toThrow(/signal/);
  } finally {
    await clients.close();
  }
});
