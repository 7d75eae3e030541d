import { connectMajorityRedis, type MajorityRedis, type MajorityRedisOptions } from '../../lib/connect.js';
import { connectInMemory } from '../../lib/in-memory/connect-in-memory.js';
import { MemoryGroup } from '../../lib/in-memory/memory-group.js';
import type { LockOptions } from '../../lib/lock/lock-options.js';
import type { Lock } from '../../lib/lock/lock.js';
import type { LockService } from '../../lib/lock/lock.service.js';
import type { NodeOptions } from '../../lib/member/node-options.js';
import type { GroupEvent } from '../../lib/quorum/group-status.js';
import { eventually } from './eventually.js';

/** A client that remembers its events. */
export interface TestClient extends MajorityRedis {
  readonly events: readonly GroupEvent[];
}

/** Clients of one file or test, closed together. */
export class Clients {
  private readonly open: MajorityRedis[] = [];

  /** @throws as `connectMajorityRedis()` does */
  async connect(
    nodes: readonly NodeOptions[] | MemoryGroup,
    options: Omit<MajorityRedisOptions, 'nodes'> = {},
  ): Promise<TestClient> {
    const events: GroupEvent[] = [];
    const hooks = { onEvent: (event: GroupEvent) => events.push(event) };
    const client = await (nodes instanceof MemoryGroup
      ? connectInMemory({ ...options, group: nodes }, hooks)
      : connectMajorityRedis({ ...options, nodes }, hooks));
    this.open.push(client);
    return Object.assign(client, { events });
  }

  async close(): Promise<void> {
    await Promise.all(this.open.splice(0).map((client) => client.close()));
  }
}

/**
 * Takes a lock and waits until every member has it on record. Then its home has it, so that who waits for it stands in
 * line there, and `waiting` counts.
 */
export async function acquireEverywhere(
  locks: LockService,
  key: string | readonly string[],
  options?: LockOptions,
): Promise<Lock> {
  const lock = await locks.acquire(key, options);
  await eventually(async () => {
    const states = await Promise.all(lock.keys.map((one) => locks.inspect(one)));
    return states.every(({ votes }) =>
      votes.every(({ holders }) => holders.some(({ holder }) => holder === lock.holder)),
    );
  });
  return lock;
}

/** Keys that no other test uses: `key-1`, `key-2`, … */
export function keyMaker(name = 'key'): () => string {
  let count = 0;
  return () => `${name}-${++count}`;
}
