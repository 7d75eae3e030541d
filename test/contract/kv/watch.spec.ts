import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KvWatchEvent } from '../../../lib/kv/kv.js';
import { Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { inMemoryGroup, serverGroup, type TestGroup } from '../../support/groups.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextKey = keyMaker('watched');

describe.each([serverGroup(3), inMemoryGroup])('watching on $on', ({ open }) => {
  const clients = new Clients();
  let group: TestGroup;
  let writer: TestClient;
  let watcher: TestClient;

  beforeAll(async () => {
    group = await open();
    writer = await clients.connect(group.nodes);
    // so rarely that only a wake-up can be in time
    watcher = await clients.connect(group.nodes, { kv: { pollInterval: 60_000 } });
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  function watch(key: string): { seen: KvWatchEvent[]; [Symbol.dispose](): void } {
    const seen: KvWatchEvent[] = [];
    const subscription = watcher.kv.watch(key).subscribe((event) => seen.push(event));
    return { seen, [Symbol.dispose]: () => subscription.unsubscribe() };
  }

  it('begins with what is there, and gives each version once and in order, also the removal', async () => {
    const key = nextKey();
    using watched = watch(key);
    const { seen } = watched;
    await eventually(() => seen.length === 1);
    expect(seen[0]).toEqual({ exists: false, value: null, version: 0, expiresAt: null });
    for (let i = 0; i < 5; i++) {
      const { version } = await writer.kv.set(key, i);
      await eventually(() => seen.length === i + 2);
      expect(seen.at(-1)).toEqual({ exists: true, value: i, version, expiresAt: null });
    }
    await writer.kv.delete(key);
    await eventually(() => seen.length === 7);
    expect(seen.at(-1)).toMatchObject({ exists: false, value: null });
    expect(seen.map(({ version }) => version)).toEqual(seen.map(({ version }) => version).sort((a, b) => a - b));
  });

  it('may pass over versions that follow each other fast, but not the last one', async () => {
    const key = nextKey();
    using watched = watch(key);
    const { seen } = watched;
    await eventually(() => seen.length === 1);
    for (let i = 1; i <= 200; i++) await writer.kv.set(key, i);
    await eventually(() => seen.at(-1)!.value === 200);
    const versions = seen.map(({ version }) => version);
    expect(new Set(versions).size).toBe(versions.length);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it('tells of a value that ends by itself', async () => {
    const key = nextKey();
    await writer.kv.set(key, 'short', { ttl: 150 });
    using watched = watch(key);
    const { seen } = watched;
    await eventually(() => seen.length === 2, { within: 3000 });
    expect(seen.map(({ exists }) => exists)).toEqual([true, false]);
  });
});
