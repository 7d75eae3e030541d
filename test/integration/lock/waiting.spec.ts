import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { ClientProcess } from '../../support/client-process.js';
import { acquireEverywhere, Clients, keyMaker } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextKey = keyMaker();
/** Rarely polls: what is granted sooner was woken. */
const rarely = { lock: { pollInterval: 2000 } };

describe('waiting among processes that die', () => {
  const clients = new Clients();
  const processes: ClientProcess[] = [];
  let group: LocalGroup;

  beforeAll(async () => {
    group = await startLocalGroup({ size: 3 });
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((one) => one.kill()));
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  async function startProcess(): Promise<ClientProcess> {
    const started = await ClientProcess.start({ nodes: group.urls });
    processes.push(started);
    return started;
  }

  it('passes over a waiter whose process was killed', async () => {
    const key = nextKey();
    const { locks } = await clients.connect(group.urls, rarely);
    const other = await startProcess();
    const held = await acquireEverywhere(locks, key);
    other.stand(key, { waitFor: 20_000 });
    await eventually(async () => (await locks.inspect(key)).waiting === 1);
    const waiting = locks.acquire(key, { waitFor: 20_000 });
    await eventually(async () => (await locks.inspect(key)).waiting === 2);
    await other.kill();
    const releasedAt = performance.now();
    await held.release();
    await waiting;
    expect(performance.now() - releasedAt).toBeLessThan(1500);
    expect((await locks.inspect(key)).waiting).toBe(0);
  });

  it('passes over a waiter whose process stands still, once its turn has lapsed', async () => {
    const key = nextKey();
    const { locks } = await clients.connect(group.urls);
    const other = await startProcess();
    const held = await acquireEverywhere(locks, key);
    other.stand(key, { waitFor: 20_000 });
    await eventually(async () => (await locks.inspect(key)).waiting === 1);
    const waiting = locks.acquire(key, { waitFor: 20_000 });
    await eventually(async () => (await locks.inspect(key)).waiting === 2);
    other.pause();
    const releasedAt = performance.now();
    await held.release();
    const lock = await waiting;
    expect(performance.now() - releasedAt).toBeLessThan(3000);
    expect(lock.isHeld).toBe(true);
  });

  it.each(['stands still', 'was killed'] as const)(
    'passes over a waiter whose process %s just before it is handed the lock',
    async (fate) => {
      const key = nextKey();
      const { locks } = await clients.connect(group.urls);
      const other = await startProcess();
      const held = await acquireEverywhere(locks, key);
      const first = locks.acquire(key, { waitFor: 20_000 });
      await eventually(async () => (await locks.inspect(key)).waiting === 1);
      other.stand(key, { waitFor: 20_000 });
      await eventually(async () => (await locks.inspect(key)).waiting === 2);
      const last = locks.acquire(key, { waitFor: 20_000 });
      await eventually(async () => (await locks.inspect(key)).waiting === 3);
      if (fate === 'was killed') await other.kill();
      else other.pause();
      const releasedAt = performance.now();
      await held.release();
      // it knows from home who stands behind it
      await (await first).release();
      const lock = await last;
      expect(performance.now() - releasedAt).toBeLessThan(3000);
      expect(lock.isHeld).toBe(true);
    },
  );

  it('gives the lock to a waiter when the holder was killed, after its ttl and not before', async () => {
    const key = nextKey();
    const { locks } = await clients.connect(group.urls, rarely);
    const holder = await startProcess();
    await holder.acquire(key, { ttl: 1000 });
    const waiting = locks.acquire(key, { waitFor: 20_000 });
    await eventually(async () => (await locks.inspect(key)).waiting === 1);
    const { holders } = await locks.inspect(key);
    const seenAt = performance.now();
    await holder.kill();
    await waiting;
    const elapsed = performance.now() - seenAt;
    expect(elapsed).toBeGreaterThanOrEqual(holders[0]!.remaining - 20);
    expect(elapsed).toBeLessThan(2500);
  });

  it('goes on by polling when the wake-up is lost because subscriptions were cut', async () => {
    const key = nextKey();
    const { locks: holders } = await clients.connect(group.urls);
    const { locks } = await clients.connect(group.urls, { lock: { pollInterval: 200 } });
    const held = await acquireEverywhere(holders, key, { ttl: 20_000 });
    const waiting = [1, 2, 3].map(() => locks.acquire(key, { waitFor: 20_000 }));
    const took: number[] = [];
    const done = waiting.map(async (one) => {
      const lock = await one;
      took.push(performance.now());
      await lock.release();
    });
    await eventually(async () => (await locks.inspect(key)).waiting === 3);
    await Promise.all(group.members.map((member) => member.command('CLIENT', 'KILL', 'TYPE', 'pubsub')));
    const releasedAt = performance.now();
    await held.release();
    await Promise.all(done);
    expect(Math.max(...took) - releasedAt).toBeLessThan(4000);
    await eventually(async () => (await locks.inspect(key)).waiting === 0);
  });
});
