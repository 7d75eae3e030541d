import { describe, expect, it, vi } from 'vitest';
import type { Lock } from '../../../lib/lock/lock.js';
import { LockChain } from '../../../lib/lock/lock-scope.js';

function fakeLock(...keys: string[]): Lock & { isHeld: boolean } {
  const release = vi.fn(async () => 'released' as const);
  return { keys, isHeld: true, release } as unknown as Lock & { isHeld: boolean };
}

describe('a call chain', () => {
  it('has no lock outside of a scope', () => {
    const chain = new LockChain();
    expect(chain.current()).toBeUndefined();
    expect(chain.find(['a'])).toBeUndefined();
  });

  it('has the lock of its scope in all that runs in it, also later, and not outside', async () => {
    const chain = new LockChain();
    const lock = fakeLock('a');
    const inside = chain.owning(lock).run(async () => {
      await new Promise(setImmediate);
      return chain.current();
    });
    expect(chain.current()).toBeUndefined();
    expect(await inside).toBe(lock);
  });

  it('has the innermost lock as current, and the outer one again afterwards', () => {
    const chain = new LockChain();
    const [outer, inner] = [fakeLock('a'), fakeLock('b')];
    chain.owning(outer).run(() => {
      chain.owning(inner).run(() => expect(chain.current()).toBe(inner));
      expect(chain.current()).toBe(outer);
    });
  });

  it('finds a lock of any outer scope that has all the keys', () => {
    const chain = new LockChain();
    const [outer, inner] = [fakeLock('a', 'b'), fakeLock('c')];
    chain.owning(outer).run(() =>
      chain.owning(inner).run(() => {
        expect(chain.find(['b'])).toBe(outer);
        expect(chain.find(['a', 'b'])).toBe(outer);
        expect(chain.find(['c'])).toBe(inner);
        expect(chain.find(['d', 'e'])).toBeUndefined();
      }),
    );
  });

  it('refuses keys of which it holds a part only, as it would wait for itself', () => {
    const chain = new LockChain();
    chain.owning(fakeLock('a')).run(() => expect(() => chain.find(['a', 'b'])).toThrow('"a" held and others beside'));
  });

  it('does not find a lock that was lost', () => {
    const chain = new LockChain();
    const lock = fakeLock('a');
    chain.owning(lock).run(() => {
      lock.isHeld = false;
      expect(chain.find(['a'])).toBeUndefined();
    });
  });

  it('keeps two chains apart that run at the same time', async () => {
    const chain = new LockChain();
    const locks = [fakeLock('a'), fakeLock('b')];
    const seen = await Promise.all(
      locks.map((lock) =>
        chain.owning(lock).run(async () => {
          await new Promise(setImmediate);
          return chain.current();
        }),
      ),
    );
    expect(seen).toEqual(locks);
  });
});

describe('a scope', () => {
  it('releases the lock it owns when it is closed, and gives what its function gives', async () => {
    const lock = fakeLock('a');
    const scope = new LockChain().owning(lock);
    expect(scope.run(() => 42)).toBe(42);
    expect(lock.release).not.toHaveBeenCalled();
    await scope.close();
    expect(lock.release).toHaveBeenCalledTimes(1);
  });

  it('leaves the lock of an outer scope alone when it is closed', async () => {
    const lock = fakeLock('a');
    const chain = new LockChain();
    const scope = chain.within(lock);
    expect(scope.run(() => chain.current())).toBe(lock);
    await scope.close();
    expect(lock.release).not.toHaveBeenCalled();
  });
});
