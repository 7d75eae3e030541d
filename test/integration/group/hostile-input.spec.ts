import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../../lib/errors.js';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { Clients, type TestClient } from '../../support/clients.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

/** Parts that mean something to us, to Redis, to Lua's patterns or to JSON. */
// prettier-ignore
const parts = [
  'a', 'b', ':', '::', '{', '}', '{a}', '*', '?', '[a-z]', '\\', '%', '%d', '^', '$', '-', '.', ' ', '  ', '"', "'",
  'majority:member', 'member', 'lock:', 'kv:', 'queue-records:', 'queue-register', '__proto__', 'constructor',
  'ä', '日本', '👍', '\u0301', '\u200b', '\ufeff', '\u00a0', '0', '1', '-1', 'NaN', 'null', '1732345678901234',
];
const part = fc.constantFrom(...parts);
const name = fc
  .oneof(
    fc.array(part, { minLength: 1, maxLength: 6 }).map((some) => some.join('')),
    fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
  )
  // what is not allowed is refused, as another test shows
  .filter((text) => !/\p{Cc}/u.test(text) && Buffer.byteLength(text) <= 512);
const twoNames = fc.uniqueArray(name, { minLength: 2, maxLength: 2 });
const payload = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.uint8Array({ maxLength: 300 }).map(Buffer.from));
const runs = { numRuns: 60 };
const fail = (): never => {
  throw new Error('no text');
};
/** What cannot become text. */
const unprintable = [{ toString: 0 }, Object.create(null), { toString: fail }, { toJSON: fail }, Symbol('mail')];

/** As JSON brings it back: -0 is 0 there. */
function asStored(value: unknown): unknown {
  return Buffer.isBuffer(value) ? value : JSON.parse(JSON.stringify(value));
}

describe('whatever users give', () => {
  const clients = new Clients();
  let group: LocalGroup;
  let redis: TestClient;

  beforeAll(async () => {
    group = await startLocalGroup({ size: 1 });
    redis = await clients.connect(group.urls);
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  /** Neither our own keys nor anything outside our name space was touched. */
  async function expectOursUntouched(): Promise<void> {
    expect(await group.members[0]!.command('GET', 'majority:member')).toMatch(/^\w{40}$/);
    const keys = (await group.members[0]!.command('KEYS', '*')) as string[];
    expect(keys.filter((key) => !key.startsWith('majority:'))).toEqual([]);
  }

  it('as key: two keys are two values, and a prefix is no pattern', async () => {
    const { kv } = redis;
    await fc.assert(
      fc.asyncProperty(twoNames, payload, payload, async ([a, b], one, other) => {
        await kv.set(a!, one);
        await kv.set(b!, other);
        expect(await kv.get(a!)).toEqual(asStored(one));
        expect(await kv.get(b!)).toEqual(asStored(other));
        const found: string[] = [];
        for await (const key of kv.keys(a)) found.push(key);
        expect(found.sort()).toEqual([a!, b!].filter((key) => key.startsWith(a!)).sort());
        expect(await kv.delete(a!)).toBe(true);
        expect(await kv.get(b!)).toEqual(asStored(other));
        await kv.delete(b!);
      }),
      runs,
    );
    await expectOursUntouched();
  });

  it('as name of a lock: two names are two locks', async () => {
    const { locks } = redis;
    await fc.assert(
      fc.asyncProperty(twoNames, async ([a, b]) => {
        const one = await locks.acquire(a!);
        const other = await locks.acquire(b!);
        expect((await locks.inspect(a!)).mode).toBe('exclusive');
        expect(await one.release()).toBe('released');
        expect((await locks.inspect(b!)).mode).toBe('exclusive');
        expect(await other.release()).toBe('released');
      }),
      runs,
    );
    await expectOursUntouched();
  });

  it('as name of a queue, group, own id and body: each message comes as it was put, in its queue', async () => {
    const { queues } = redis;
    await fc.assert(
      fc.asyncProperty(twoNames, name, name, payload, async ([a, b], group, id, body) => {
        const own = /^\d{16}-/.test(id) ? undefined : id;
        await queues.put(a!, body, { group, id: own });
        expect(await queues.get(b!)).toEqual([]);
        const [delivery] = await queues.get(a!);
        expect(delivery).toMatchObject({ body: asStored(body), group, ...(own === undefined ? {} : { id: own }) });
        await delivery!.ack();
        if (own !== undefined) expect((await queues.put(a!, body, { id: own })).isDuplicate).toBe(true);
        expect(await queues.size(a!)).toMatchObject({ ready: 0, leased: 0 });
      }),
      runs,
    );
    await expectOursUntouched();
  });

  it('of any kind at all: it is taken, or refused by an error that names what is allowed', async () => {
    const { kv, locks, queues } = redis;
    const thing = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true });
    await fc.assert(
      fc.asyncProperty(thing, thing, async (first, second) => {
        const [x, y] = [first as never, second as never];
        const calls = [
          () => kv.get(x),
          () => kv.set(x, y),
          () => kv.set('k', x, y),
          () => kv.increment('n', x),
          () => kv.getMany(x),
          () => locks.acquire(x, y).then((lock) => lock.release()),
          () => locks.acquire('l', x).then((lock) => lock.release()),
          () => locks.inspect(x),
          () => queues.put(x, y),
          () => queues.put('q', x, y),
          () => queues.putAll('q', x),
          () => queues.get(x).then((taken) => Promise.all(taken.map((delivery) => delivery.ack()))),
          () => queues.purge('q', x),
          () => queues.deadLetters('q', x),
          () => queues.state('q', x),
          () => queues.remove('q', x),
          () => queues.redrive('q', x),
          () => kv.delete('k', x),
          () => kv.compareAndSet('k', x, y),
          () => kv.keys(x).next(),
          () => kv.keys('a', x).next(),
          () => locks.list(x).next(),
          () => locks.list('a', x).next(),
        ];
        for (const call of calls) {
          const refused: unknown = await (async () => call())().then(
            () => undefined,
            (error: unknown) => error,
          );
          if (refused === undefined) continue;
          expect(refused, call.toString()).toBeInstanceOf(InvalidOptionsError);
          expect((refused as InvalidOptionsError).message).toMatch(/must be|allowed|expected/i);
        }
      }),
      { numRuns: 150, examples: unprintable.map((one) => [one, one]) },
    );
    await expectOursUntouched();
  });
});
