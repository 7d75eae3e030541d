import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidOptionsError, LockUnavailableError } from '../../../lib/errors.js';
import type { LockService } from '../../../lib/lock/lock.service.js';
import { Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { everyGroup, type TestGroup } from '../../support/groups.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const nextKey = keyMaker();

describe.each(everyGroup)('locks on $on', ({ size, open }) => {
  const quorum = Math.floor(size / 2) + 1;
  const clients = new Clients();
  let group: TestGroup;
  let locks: LockService;
  let others: readonly TestClient[];

  beforeAll(async () => {
    group = await open();
    others = await Promise.all([1, 2, 3].map(() => clients.connect(group.nodes)));
    ({ locks } = others[0]!);
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  it('grants a free lock, and a quorum names its holder', async () => {
    const key = nextKey();
    const lock = await locks.acquire(key, { ttl: 5000 });
    expect(lock).toMatchObject({ keys: [key], mode: 'exclusive', isHeld: true });
    expect(lock.remaining).toBeGreaterThan(4000);
    expect(lock.remaining).toBeLessThan(5000);
    expect(lock.signal.aborted).toBe(false);

    const state = await others[1]!.locks.inspect(key);
    expect(state).toMatchObject({ key, mode: 'exclusive', token: lock.token, waiting: 0 });
    expect(state.holders.map(({ holder }) => holder)).toEqual([lock.holder]);
    expect(state.holders[0]!.remaining).toBeGreaterThan(4000);
    expect(state.votes.map(({ member }) => member)).toEqual(group.names);
    expect(state.votes.filter(({ said }) => said === 'held').length).toBeGreaterThanOrEqual(quorum);
  });

  it('refuses a held lock at once, to its own client and to others, and says what each member said', async () => {
    const key = nextKey();
    await locks.acquire(key, { ttl: 5000 });
    for (const { locks: asked } of [others[0]!, others[1]!]) {
      const error: unknown = await asked.acquire(key).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(LockUnavailableError);
      const refusal = error as LockUnavailableError;
      expect(refusal).toMatchObject({ code: 'LOCK_UNAVAILABLE', keys: [key], refusedKeys: [key], waited: 0 });
      expect(refusal.retryAfter).toBeGreaterThan(3000);
      expect(refusal.retryAfter).toBeLessThanOrEqual(5000);
      expect(refusal.members.map(({ member }) => member)).toEqual(group.names);
      expect(refusal.members.filter(({ said }) => said === 'held').length).toBeGreaterThanOrEqual(1);
      expect(await asked.tryAcquire(key)).toBeNull();
    }
  });

  it('gives the lock to another client after release', async () => {
    const key = nextKey();
    const lock = await locks.acquire(key);
    expect(await lock.release()).toBe('released');
    expect(lock).toMatchObject({ isHeld: false, remaining: 0 });
    expect(lock.signal.aborted).toBe(false);
    const next = await others[1]!.locks.tryAcquire(key);
    expect(next?.token).toBeGreaterThan(lock.token);
  });

  it('grants strictly growing tokens across clients, each a safe integer', async () => {
    const key = nextKey();
    const tokens: number[] = [];
    for (let round = 0; round < 30; round++) {
      await using lock = await others[round % 3]!.locks.acquire(key, { waitFor: 5000 });
      tokens.push(lock.token);
    }
    expect(tokens.every(Number.isSafeInteger)).toBe(true);
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
  });

  it('tells of a key never locked that it is free, and of a released one also its last token', async () => {
    const key = nextKey();
    expect(await locks.inspect(key)).toMatchObject({ mode: 'free', holders: [], token: 0, waiting: 0 });
    const lock = await locks.acquire(key);
    await lock.release();
    expect(await locks.inspect(key)).toMatchObject({ mode: 'free', holders: [], token: lock.token, waiting: 0 });
  });

  it('keeps different keys apart', async () => {
    const [one, two] = await Promise.all([locks.tryAcquire(nextKey()), locks.tryAcquire(nextKey())]);
    expect([one?.isHeld, two?.isHeld]).toEqual([true, true]);
  });

  it.each(['a b', 'a:b', '{tag}x', 'ключ', '🔒', '*', "it's", '"', '\\', 'x'.repeat(512)])(
    'takes %j as a key like any other',
    async (key) => {
      await using lock = await locks.acquire(key);
      expect(await others[1]!.locks.tryAcquire(key)).toBeNull();
      // the refused one may have been first at some member, with its later token
      expect((await others[1]!.locks.inspect(key)).token).toBeGreaterThanOrEqual(lock.token);
    },
  );

  it('releases at the end of an `await using` block, also when it is left by an error', async () => {
    const key = nextKey();
    const block = async (): Promise<never> => {
      await using lock = await locks.acquire(key);
      expect(lock.isHeld).toBe(true);
      throw new Error('out');
    };
    await expect(block()).rejects.toThrow('out');
    expect(await others[1]!.locks.tryAcquire(key)).not.toBeNull();
  });

  describe('using()', () => {
    it('runs the function under the lock, gives back its result and releases', async () => {
      const key = nextKey();
      const result = await locks.using(key, async (lock) => {
        expect(lock.isHeld).toBe(true);
        expect(await others[1]!.locks.tryAcquire(key)).toBeNull();
        return 42;
      });
      expect(result).toBe(42);
      expect(await others[1]!.locks.tryAcquire(key)).not.toBeNull();
    });

    it('passes on what the function throws, untouched, and releases', async () => {
      const key = nextKey();
      const thrown = Object.assign(new Error('business'), { status: 418 });
      await expect(locks.using(key, () => Promise.reject(thrown))).rejects.toBe(thrown);
      await expect(
        locks.using(key, () => {
          throw thrown;
        }),
      ).rejects.toBe(thrown);
      expect(await others[1]!.locks.tryAcquire(key)).not.toBeNull();
    });

    it('rejects without running the function when the lock is held', async () => {
      const key = nextKey();
      await others[1]!.locks.acquire(key);
      let ran = false;
      await expect(locks.using(key, () => (ran = true))).rejects.toBeInstanceOf(LockUnavailableError);
      expect(ran).toBe(false);
    });

    it('does not wait for itself inside one call chain, and releases with the outermost only', async () => {
      const key = nextKey();
      await locks.using(key, async (outer) => {
        await locks.using(key, async (inner) => {
          expect(inner).toBe(outer);
        });
        expect(outer.isHeld).toBe(true);
        expect(await others[1]!.locks.tryAcquire(key)).toBeNull();
      });
      expect(await others[1]!.locks.tryAcquire(key)).not.toBeNull();
    });

    it('refuses to turn a shared lock into an exclusive one inside its own call chain', async () => {
      const key = nextKey();
      const upgrade = locks.using(key, { mode: 'shared' }, () => locks.using(key, () => undefined));
      await expect(upgrade).rejects.toBeInstanceOf(InvalidOptionsError);
    });
  });

  it('tells the innermost lock by current(), also after awaits, and none outside', async () => {
    const [outerKey, innerKey] = [nextKey(), nextKey()];
    expect(locks.current()).toBeUndefined();
    await locks.using(outerKey, async (outer) => {
      expect(locks.current()).toBe(outer);
      await locks.using(innerKey, async (inner) => {
        await locks.inspect(innerKey);
        expect(locks.current()).toBe(inner);
      });
      expect(locks.current()).toBe(outer);
    });
    expect(locks.current()).toBeUndefined();
  });

  it('keeps current() of concurrent call chains apart', async () => {
    const work = async (key: string): Promise<void> =>
      locks.using(key, async (lock) => {
        await locks.inspect(key);
        expect(locks.current()).toBe(lock);
        expect(lock.keys).toEqual([key]);
      });
    await Promise.all([nextKey(), nextKey(), nextKey()].map(work));
  });

  it('had neither lost locks nor warnings on the way', () => {
    const unwanted = others.flatMap(({ events }) => events.filter(({ type }) => /lock-lost|warning/.test(type)));
    expect(unwanted).toEqual([]);
  });
});
