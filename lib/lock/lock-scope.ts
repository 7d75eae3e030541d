import { AsyncLocalStorage } from 'node:async_hooks';
import { InvalidOptionsError } from '../errors.js';
import type { Lock } from './lock.js';

/** A lock together with the code that runs under it. */
export interface LockScope {
  readonly lock: Lock;
  /** Runs `fn` with `current()` giving this lock, also in everything it starts. */
  run<T>(fn: () => T): T;
  /** Releases the lock, unless an outer scope of the same call chain holds it. Never throws. */
  close(): Promise<void>;
}

interface Chain {
  readonly lock: Lock;
  readonly outer: Chain | undefined;
}

/** The locks held by the call chain that runs now, innermost first. */
export class LockChain {
  private readonly storage = new AsyncLocalStorage<Chain>();

  current(): Lock | undefined {
    return this.storage.getStore()?.lock;
  }

  /**
   * A lock of this call chain, still held, that has all the keys.
   *
   * @throws InvalidOptionsError when the chain holds some of them only: it would wait for itself
   */
  find(keys: readonly string[]): Lock | undefined {
    const held: string[] = [];
    for (let chain = this.storage.getStore(); chain; chain = chain.outer) {
      const { lock } = chain;
      if (!lock.isHeld) continue;
      if (keys.every((key) => lock.keys.includes(key))) return lock;
      held.push(...keys.filter((key) => lock.keys.includes(key)));
    }
    if (held.length === 0) return undefined;
    throw new InvalidOptionsError(
      'keys',
      'keys that one lock of this call chain holds together, or that none of them holds',
      `${held.map((key) => `"${key}"`).join(', ')} held and others beside`,
    );
  }

  /** A scope that releases its lock at the end. */
  owning(lock: Lock): LockScope {
    return { ...this.within(lock), close: async () => void (await lock.release()) };
  }

  /** A scope within one that holds the lock already. */
  within(lock: Lock): LockScope {
    return {
      lock,
      run: (fn) => this.storage.run({ lock, outer: this.storage.getStore() }, fn),
      close: () => Promise.resolve(),
    };
  }
}
