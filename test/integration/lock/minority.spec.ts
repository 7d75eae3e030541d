import { describe, expect, it, onTestFinished } from 'vitest';
import { NoQuorumError } from '../../../lib/errors.js';
import { startLocalGroup } from '../../../lib/testing/index.js';
import { Clients } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

describe.each([
  { size: 3, spare: 1 },
  { size: 4, spare: 1 },
  { size: 5, spare: 2 },
])('a group of $size', ({ size, spare }) => {
  it(`locks with ${spare} dead, refuses clearly and fast with ${spare + 1} dead, and never says "held" then`, async () => {
    const clients = new Clients();
    await using group = await startLocalGroup({ size });
    onTestFinished(() => clients.close());
    const { locks, group: seen } = await clients.connect(group.urls, { requestTimeout: 300 });
    await eventually(() => seen.status().voting === size);
    const downAfter = async (kills: number): Promise<void> => {
      await Promise.all(group.members.slice(0, kills).map((member) => member.kill()));
      await eventually(() => seen.status().members.filter(({ state }) => state === 'down').length === kills);
    };

    await downAfter(spare);
    const lock = await locks.acquire('some');
    expect(await locks.tryAcquire('some')).toBeNull();
    expect(await lock.release()).toBe('released');
    expect((await locks.inspect('some')).votes.filter(({ said }) => said === 'free')).toHaveLength(size - spare);

    await downAfter(spare + 1);
    expect(seen.status()).toMatchObject({ hasQuorum: false, voting: size - spare - 1 });
    for (const attempt of [() => locks.acquire('some'), () => locks.tryAcquire('some'), () => locks.inspect('some')]) {
      const startedAt = performance.now();
      const error: unknown = await attempt().catch((reason: unknown) => reason);
      expect(performance.now() - startedAt).toBeLessThan(300);
      expect(error).toBeInstanceOf(NoQuorumError);
      const { members, retryAfter, message } = error as NoQuorumError;
      expect(members.map(({ member }) => member)).toEqual(group.members.map(({ name }) => name));
      expect(members.filter(({ said }) => said === 'down')).toHaveLength(spare + 1);
      expect(retryAfter).toBeGreaterThan(0);
      for (const { name } of group.members) expect(message).toContain(name);
    }
  });
});
