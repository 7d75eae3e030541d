import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidOptionsError, NoQuorumError } from '../../../lib/errors.js';
import type { LockState } from '../../../lib/lock/lock.js';
import type { LockService } from '../../../lib/lock/lock.service.js';
import { acquireEverywhere, Clients, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { everyGroup, type TestGroup } from '../../support/groups.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

async function all(locks: AsyncIterable<LockState>): Promise<LockState[]> {
  const states: LockState[] = [];
  for await (const state of locks) states.push(state);
  return states;
}

describe.each(everyGroup)('the list of locks on $on', ({ open }) => {
  const clients = new Clients();
  let group: TestGroup;
  let client: TestClient;
  let here: LockService;
  let there: LockService;

  beforeAll(async () => {
    group = await open();
    client = await clients.connect(group.nodes);
    here = client.locks;
    there = (await clients.connect(group.nodes)).locks;
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
    await group.takeQuorum();
    await eventually(() => client.group.status().hasQuorum === false);
    await expect(all(here.list())).rejects.toThrow(NoQuorumError);
  });
});
