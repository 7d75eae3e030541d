import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidOptionsError, NoQuorumError } from '../../../lib/errors.js';
import type { LockState } from '../../../lib/lock/lock.js';
import type { LockService } from '../../../lib/lock/lock.service.js';
import { quorumOf } from '../../../lib/quorum/tally.js';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { acquireEverywhere, Clients, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

async function all(locks: AsyncIterable<LockState>): Promise<LockState[]> {
  const states: LockState[] = [];
  for await (const state of locks) states.push(state);
  return states;
}

describe.each([1, 3, 4, 5])('the list of locks on a group of %d', (size) => {
  const clients = new Clients();
  let group: LocalGroup;
  let client: TestClient;
  let here: LockService;
  let there: LockService;

  beforeAll(async () => {
    group = await startLocalGroup({ size });
    client = await clients.connect(group.urls);
    here = client.locks;
    there = (await clients.connect(group.urls)).locks;
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  it('names each lock that any client holds once, with its holder, and none that was let go', async () => {
    const mine = await here.acquire('held:mine');
    const theirs = await there.acquire('held:theirs');
    const gone = await there.acquire('held:gone');
    await gone.release();
    await eventually(async () => (await here.inspect('held:gone')).votes.every(({ said }) => said === 'free'));
    const states = await all(here.list('held:'));
    expect(states.map(({ key, holders, mode }) => [key, holders[0]!.holder, mode]).sort()).toEqual([
      ['held:mine', mine.holder, 'exclusive'],
      ['held:theirs', theirs.holder, 'exclusive'],
    ]);
    expect(states.find(({ key }) => key === 'held:mine')).toMatchObject({ token: mine.token, waiting: 0 });
  });

  it('names shared locks with all their holders, and who waits', async () => {
    const readers = [
      await acquireEverywhere(here, 'shared', { mode: 'shared' }),
      await there.acquire('shared', { mode: 'shared' }),
    ];
    const abort = new AbortController();
    const writer = there.acquire('shared', { waitFor: 20_000, signal: abort.signal }).catch(() => undefined);
    const [state] = await eventually(async () => {
      const states = await all(here.list('shared'));
      return states[0]?.waiting === 1 && states;
    });
    expect(state).toMatchObject({ key: 'shared', mode: 'shared', waiting: 1 });
    expect(state!.holders.map(({ holder }) => holder).sort()).toEqual(readers.map(({ holder }) => holder).sort());
    abort.abort();
    await writer;
  });

  it('finds more locks than one page of a member, and takes the prefix for no pattern', async () => {
    const keys = Array.from({ length: 450 }, (_, index) => `many[*]?:${index}`);
    await Promise.all(keys.map((key) => here.acquire(key, { ttl: 60_000, autoExtend: false })));
    await here.acquire('many[x]');
    expect((await all(there.list('many[*]?:'))).map(({ key }) => key).sort()).toEqual([...keys].sort());
  });

  it('ends when its reader has enough', async () => {
    for await (const state of here.list('many')) {
      expect(state.mode).toBe('exclusive');
      break;
    }
  });

  it('refuses a prefix that no key can have', () => {
    expect(() => here.list('a\nb')).toThrow(InvalidOptionsError);
  });

  it('is refused without a quorum', async () => {
    const killed = group.members.slice(0, size - quorumOf(size) + 1);
    await Promise.all(killed.map((member) => member.kill()));
    await eventually(() => client.group.status().hasQuorum === false);
    await expect(all(here.list())).rejects.toThrow(NoQuorumError);
  });
});

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
