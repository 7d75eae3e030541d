import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidOptionsError, StaleTokenError } from '../../../lib/errors.js';
import type { QuorumKvService } from '../../../lib/kv/quorum-kv.service.js';
import { Clients, keyMaker } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { everyGroup, type TestGroup } from '../../support/groups.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextKey = keyMaker('value');

describe.each(everyGroup)('values on $on', ({ open }) => {
  const clients = new Clients();
  let group: TestGroup;
  let kv: QuorumKvService;
  let other: QuorumKvService;

  beforeAll(async () => {
    group = await open();
    ({ kv } = await clients.connect(group.nodes));
    ({ kv: other } = await clients.connect(group.nodes));
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  it('are seen by every client as soon as they are written, with a version that grows', async () => {
    const key = nextKey();
    expect(await kv.get(key)).toBeNull();
    expect(await kv.getEntry(key)).toBeNull();
    let last = 0;
    for (const [writer, value] of [
      [kv, { a: [1, 'two', null] }],
      [other, 'text with spaces | and ünïcödé \u0000'],
      [other, false],
      [kv, 0],
    ] as const) {
      const { written, version } = await writer.set(key, value);
      expect(written).toBe(true);
      expect(version).toBeGreaterThan(last);
      last = version;
      for (const reader of [kv, other]) {
        expect(await reader.getEntry(key)).toEqual({ value, version, expiresAt: null });
      }
    }
  });

  it('that are bytes come back as they were', async () => {
    const key = nextKey();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await kv.set(key, bytes);
    expect(await other.get(key)).toEqual(bytes);
    await kv.set(key, new Uint8Array(bytes.buffer, bytes.byteOffset + 250, 4));
    expect(await other.get(key)).toEqual(Buffer.from([250, 251, 252, 253]));
    await kv.set(key, Buffer.alloc(0));
    expect(await other.get(key)).toEqual(Buffer.alloc(0));
  });

  it('are written only under the conditions that were given', async () => {
    const key = nextKey();
    expect(await kv.set(key, 1, { ifPresent: true })).toEqual({ written: false, version: 0 });
    const first = await kv.set(key, 1, { ifAbsent: true });
    expect(first.written).toBe(true);
    expect(await other.set(key, 2, { ifAbsent: true })).toEqual({ written: false, version: first.version });
    expect(await other.set(key, 2, { ifVersion: first.version - 1 })).toMatchObject({ written: false });
    const second = await other.set(key, 2, { ifVersion: first.version });
    expect(second.written).toBe(true);
    expect(await kv.set(key, 3, { ifVersion: first.version })).toEqual({ written: false, version: second.version });
    expect(await kv.get(key)).toBe(2);
    expect(await kv.delete(key, { ifVersion: first.version })).toBe(false);
    expect(await kv.delete(key, { ifVersion: second.version })).toBe(true);
    expect(await kv.set(key, 4, { ifVersion: 0 })).toMatchObject({ written: true });
  });

  it('are deleted once, and can be written again', async () => {
    const key = nextKey();
    expect(await kv.delete(key)).toBe(false);
    const { version } = await kv.set(key, 'x');
    expect(await other.exists(key)).toBe(true);
    expect(await other.delete(key)).toBe(true);
    expect(await kv.exists(key)).toBe(false);
    expect(await kv.get(key)).toBeNull();
    expect(await kv.delete(key)).toBe(false);
    expect((await kv.set(key, 'y')).version).toBeGreaterThan(version);
    expect(await other.get(key)).toBe('y');
  });

  it('are compared by content', async () => {
    const key = nextKey();
    expect(await kv.compareAndSet(key, { a: 1 }, 1)).toBe(false);
    expect(await kv.compareAndSet(key, null, { a: 1, b: 2 })).toBe(true);
    expect(await other.compareAndSet(key, null, 0)).toBe(false);
    expect(await other.compareAndSet(key, { b: 2, a: 1 }, Buffer.from('x'))).toBe(true);
    expect(await kv.compareAndSet(key, Buffer.from('x'), 'done')).toBe(true);
    expect(await other.get(key)).toBe('done');
  });

  it('are changed by one of several that compare at the same time', async () => {
    const key = nextKey();
    await kv.set(key, 'start');
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 ? kv : other).compareAndSet(key, 'start', i)),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await kv.get(key)).toBe(outcomes.indexOf(true));
  });

  it('are changed by functions, each on top of the other', async () => {
    const key = nextKey();
    const add = (item: number) => (list: number[] | null) => [...(list ?? []), item];
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? kv : other).update<number[]>(key, (list) => add(i)(list))),
    );
    expect((await kv.get<number[]>(key))!.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const before = await kv.getEntry(key);
    expect(await other.update(key, () => undefined)).toEqual(before);
    await expect(
      kv.update(key, () => {
        throw new TypeError('mine');
      }),
    ).rejects.toThrow(TypeError);
    expect(await other.getEntry(key)).toEqual(before);
  });

  it('count exactly when many add at the same time', async () => {
    const key = nextKey();
    const sums = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? kv : other).increment(key)));
    expect(sums.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(await kv.increment(key, -40)).toBe(0);
    await kv.set(key, 'text');
    await expect(other.increment(key)).rejects.toThrow(InvalidOptionsError);
    await kv.set(key, Number.MAX_SAFE_INTEGER);
    await expect(other.increment(key)).rejects.toThrow(InvalidOptionsError);
    expect(await other.increment(key, -1)).toBe(Number.MAX_SAFE_INTEGER - 1);
  });

  it('end when their time has come, and never come back', async () => {
    const key = nextKey();
    await kv.set(key, 'short', { ttl: 1000 });
    expect(await other.ttl(key)).toBeLessThanOrEqual(1000);
    await eventually(async () => (await other.get(key)) === null || undefined);
    for (let i = 0; i < 5; i++) expect(await (i % 2 ? kv : other).get(key)).toBeNull();
    expect(await kv.ttl(key)).toBeNull();
    expect(await kv.increment(key)).toBe(1);
    expect(await kv.ttl(key)).toBeNull();
  });

  it('keep their end through changes, and lose it by a plain write', async () => {
    const key = nextKey();
    await kv.set(key, 1, { ttl: 60_000 });
    await kv.increment(key);
    await kv.update<number>(key, (n) => n! + 1);
    await kv.compareAndSet(key, 3, 4);
    expect(await other.ttl(key)).toBeGreaterThan(50_000);
    expect(await other.touch(key, 90_000)).toBe(true);
    expect(await kv.ttl(key)).toBeGreaterThan(80_000);
    expect(await kv.touch(key, null)).toBe(true);
    expect(await kv.ttl(key)).toBeNull();
    await kv.touch(key, 60_000);
    await kv.set(key, 5);
    expect(await other.getEntry(key)).toMatchObject({ value: 5, expiresAt: null });
    expect(await kv.touch(nextKey(), 1000)).toBe(false);
  });

  it('are guarded by the highest fencing token that wrote them, also after they were deleted', async () => {
    const key = nextKey();
    await kv.set(key, 'old', { guard: { token: 17 } });
    await other.set(key, 'new', { guard: { token: 18 } });
    const refusal = await kv.set(key, 'late', { guard: { token: 17 } }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StaleTokenError);
    expect(refusal).toMatchObject({ resource: key, token: 17, latestToken: 18 });
    await expect(kv.delete(key, { guard: { token: 17 } })).rejects.toThrow(StaleTokenError);
    expect(await other.get(key)).toBe('new');
    expect(await other.delete(key, { guard: { token: 18 } })).toBe(true);
    await expect(kv.set(key, 'late', { guard: { token: 17 } })).rejects.toThrow(StaleTokenError);
    // a write without a guard keeps the token
    await kv.set(key, 'free');
    await expect(kv.set(key, 'late', { guard: { token: 17 } })).rejects.toThrow(StaleTokenError);
  });

  it('are read many at once', async () => {
    const keys = Array.from({ length: 50 }, nextKey);
    await Promise.all(keys.map((key, i) => kv.set(key, i)));
    const missing = nextKey();
    const found = await other.getMany([...keys, missing, keys[0]!]);
    expect([...found.keys()]).toEqual(keys);
    expect([...found.values()].map(({ value }) => value)).toEqual(keys.map((_, i) => i));
    expect((await other.getMany([])).size).toBe(0);
  });

  it('are listed by the beginning of their keys, whatever characters these have', async () => {
    const prefix = `${nextKey()}:[*?]\\-^:`;
    const keys = Array.from({ length: 20 }, (_, i) => `${prefix}${i}`);
    await Promise.all(keys.map((key) => kv.set(key, 1)));
    await other.delete(keys[3]!);
    await kv.set(`${prefix.slice(0, -1)}x`, 1);
    const found: string[] = [];
    for await (const key of other.keys(prefix)) found.push(key);
    expect(found.sort()).toEqual(keys.filter((_, i) => i !== 3).sort());
  });

  it('are no longer listed when the signal says so, also while none is found', async () => {
    const prefix = nextKey();
    await Promise.all(Array.from({ length: 100 }, (_, i) => kv.set(`${prefix}:${i}`, 1)));
    const stop = new AbortController();
    const found: string[] = [];
    const list = async (of: string): Promise<void> => {
      for await (const key of other.keys(of, { signal: stop.signal })) {
        found.push(key);
        stop.abort(new Error('enough'));
      }
    };
    await expect(list(prefix)).rejects.toThrow('enough');
    expect(found.length).toBe(1);
    await expect(list(`${prefix}:nothing begins so`)).rejects.toThrow('enough');
    expect(() => kv.keys(prefix, { limit: 3 } as object)).toThrow(InvalidOptionsError);
  });
});
