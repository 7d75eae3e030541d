import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../../lib/errors.js';
import { Clients, type TestClient } from '../../support/clients.js';
import { inMemoryGroup, serverGroup, type TestGroup } from '../../support/groups.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

describe.each([serverGroup(1), inMemoryGroup])('bad input on $on', ({ open }) => {
  const clients = new Clients();
  let group: TestGroup;
  let kv: TestClient['kv'];

  beforeAll(async () => {
    group = await open();
    ({ kv } = await clients.connect(group.nodes, { kv: { maxValueBytes: 16 } }));
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  const circular: unknown[] = [];
  circular.push(circular);
  const bad = undefined as never;

  it.each<[string, () => Promise<unknown>, string]>([
    ['an empty key', () => kv.get(''), 'key'],
    ['a long key', () => kv.set('k'.repeat(513), 1), 'key'],
    ['a key with a line feed', () => kv.increment('a\nb'), 'key'],
    ['a key that is no string', () => kv.delete(7 as never), 'key'],
    ['keys that are no array', () => kv.getMany('a' as never), 'keys'],
    ['undefined as value', () => kv.set('k', undefined), 'value'],
    ['a function', () => kv.set('k', () => 1), 'value'],
    ['a BigInt', () => kv.set('k', 1n), 'value'],
    ['a circular value', () => kv.set('k', circular), 'value'],
    ['a value above the limit', () => kv.set('k', 'ä'.repeat(8)), 'value'],
    ['a buffer above the limit', () => kv.set('k', Buffer.alloc(17)), 'value'],
    ['a ttl of 0', () => kv.set('k', 1, { ttl: 0 }), 'ttl'],
    ['a ttl that is no whole number', () => kv.touch('k', 1.5), 'ttl'],
    ['a misspelt option', () => kv.set('k', 1, { tll: 5 } as never), 'options'],
    ['ifAbsent with ifPresent', () => kv.set('k', 1, { ifAbsent: true, ifPresent: true }), 'ifAbsent'],
    ['a version that is no whole number', () => kv.set('k', 1, { ifVersion: '1' as never }), 'ifVersion'],
    ['a guard without a token', () => kv.set('k', 1, { guard: {} as never }), 'guard'],
    ['a step that is no whole number', () => kv.increment('k', 0.5), 'by'],
    ['no function to change by', () => kv.update('k', bad), 'change'],
    ['a change that gives what cannot be stored', () => kv.update('k', () => 1n as never), 'value'],
    ['undefined to compare with', () => kv.compareAndSet('k', undefined, 1), 'value'],
  ])('refuses %s', async (_, act, option) => {
    const error: unknown = await (async () => act())().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as InvalidOptionsError).option).toBe(option);
    expect(await kv.get('k')).toBeNull();
  });

  it('refuses bad module options at the start', async () => {
    for (const given of [{ maxValueBytes: 0 }, { timeout: 50 }, { codec: {} }, { sweep: 1 }]) {
      await expect(clients.connect(group.nodes, { kv: given as never })).rejects.toThrow(InvalidOptionsError);
    }
  });
});
