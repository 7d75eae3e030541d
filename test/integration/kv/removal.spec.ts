import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextKey = keyMaker('removed');

describe('removal', () => {
  const clients = new Clients();
  let group: LocalGroup;
  let client: TestClient;

  beforeAll(async () => {
    group = await startLocalGroup({ size: 3 });
    client = await clients.connect(group.urls, { kv: { sweepInterval: 100 } });
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  const recordsOf = (key: string): Promise<unknown[]> =>
    Promise.all(group.members.map((member) => member.command('GET', `majority:kv:${key}`)));

  /** Makes the tombstone's time come at once, so that nobody has to wait for it. */
  async function hurry(key: string): Promise<void> {
    for (const member of group.members) {
      const text = String(await member.command('GET', `majority:kv:${key}`));
      await member.command(
        'SET',
        `majority:kv:${key}`,
        `${text.slice(0, 32)}${'1'.padStart(13, '0')}${text.slice(45)}`,
      );
      await member.command('ZADD', 'majority:kv-due:', '1', `majority:kv:${key}`);
    }
  }

  it('of an expired value that nobody reads leaves a tombstone, then nothing', async () => {
    const key = nextKey();
    await client.kv.set(key, 'x'.repeat(100), { ttl: 50 });
    await eventually(async () => (await recordsOf(key)).every((text) => String(text)[45] === 'T'));
    await hurry(key);
    await eventually(async () => (await recordsOf(key)).every((text) => text === null));
    expect(await client.kv.get(key)).toBeNull();
    await client.kv.set(key, 'again');
    expect(await client.kv.get(key)).toBe('again');
  });

  it('waits until all members hold the tombstone', async () => {
    const key = nextKey();
    await client.kv.set(key, 1);
    await group.members[2]!.kill();
    await eventually(async () => (await client.kv.delete(key)) || undefined);
    const left = (): Promise<unknown[]> =>
      Promise.all(group.members.slice(0, 2).map((member) => member.command('GET', `majority:kv:${key}`)));
    for (const member of group.members.slice(0, 2)) {
      const text = String(await member.command('GET', `majority:kv:${key}`));
      await member.command(
        'SET',
        `majority:kv:${key}`,
        `${text.slice(0, 32)}${'1'.padStart(13, '0')}${text.slice(45)}`,
      );
      await member.command('ZADD', 'majority:kv-due:', '1', `majority:kv:${key}`);
    }
    // as many sweeps as it takes for another key's value to end
    const other = nextKey();
    await client.kv.set(other, 1, { ttl: 50 });
    await eventually(async () => {
      const text = await group.members[0]!.command('GET', `majority:kv:${other}`);
      return String(text)[45] === 'T';
    });
    expect((await left()).every((text) => String(text)[45] === 'T')).toBe(true);
    await group.members[2]!.start();
    await eventually(async () => (await recordsOf(key)).every((text) => text === null), { within: 20_000 });
  });
});
