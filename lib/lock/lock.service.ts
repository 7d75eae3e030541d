import { setMaxListeners } from 'node:events';
import { inspect, type InspectOptions } from 'node:util';
import { InvalidOptionsError, LockUnavailableError, type LockLostError } from '../errors.js';
import { checkKey, checkKnown, show } from '../options/checks.js';
import { oneAfterTheOther } from '../quorum/one-after-the-other.js';
import type { Partitions } from '../quorum/partitions.js';
import { Acquisition } from './acquisition.js';
import { HeldLock, type LockListener } from './held-lock.js';
import type { Lock, LockState } from './lock.js';
import type { LockListOptions, LockOptions } from './lock-options.js';
import { LockRequests } from './lock-requests.js';
import { LockChain, type LockScope } from './lock-scope.js';
import { listLocks } from './list-locks.js';
import { readState } from './read-state.js';
import { checkKeys, resolveLockOptions, type ResolvedLockModuleOptions } from './resolve-lock-options.js';
import { shownAs } from '../runtime/shown-as.js';

/**
 * Locks by majority vote. Injectable with Nest; also given by `connectMajorityRedis()`.
 *
 * @see docs/guides/locks.md, docs/protocols/lock.md
 */
export class LockService implements LockListener {
  /** By partition. */
  private readonly requests: readonly LockRequests[];
  private readonly chain = new LockChain();
  private readonly held = new Set<HeldLock>();
  private readonly closing = new AbortController();
  /** Calls of `acquire` under way: counted only, as a promise of each kept in a set would cost more than its votes. */
  private acquiring = 0;
  private onIdle: (() => void) | undefined;
  /** Work that may outlive its call. */
  private readonly running = new Set<Promise<unknown>>();

  /** @internal made by `connectMajorityRedis()` */
  constructor(
    private readonly partitions: Partitions,
    private readonly options: ResolvedLockModuleOptions,
  ) {
    // as many waiters as there are may listen for the end of the service
    setMaxListeners(0, this.closing.signal);
    this.requests = partitions.groups.map((group) => new LockRequests(group, options.fenceRetention));
  }

  /**
   * Takes the lock, or waits for it up to `waitFor`. A held lock extends itself every ttl/3 until released or lost.
   *
   * @param key one key, or up to 64 that are taken all or none; 1–512 characters each
   * @returns the held lock; its `token` is above that of every earlier holder of the keys
   * @throws LockUnavailableError when another holds it (`retryAfter`, ms); NoQuorumError when fewer than a quorum can
   * vote; InvalidOptionsError, also for keys of several partitions; the reason of `options.signal` when that aborts
   */
  async acquire(key: string | readonly string[], options?: LockOptions): Promise<Lock> {
    const keys = checkKeys(key);
    const resolved = resolveLockOptions(this.options, options);
    const requests = this.requests[this.partitions.indexOfAll(keys)]!;
    const { signal } = this.closing;
    this.acquiring += 1;
    try {
      const grant = await new Acquisition(requests, keys, resolved, this.options, signal, this, this.track).run();
      const lock = new HeldLock(requests, grant.claim, resolved, grant, this.options.ttlMax, this);
      this.held.add(lock);
      return lock;
    } finally {
      this.acquiring -= 1;
      if (this.acquiring === 0) this.onIdle?.();
    }
  }

  /** As `acquire`, but null instead of `LockUnavailableError`. */
  async tryAcquire(key: string | readonly string[], options?: LockOptions): Promise<Lock | null> {
    try {
      return await this.acquire(key, options);
    } catch (error) {
      if (error instanceof LockUnavailableError) return null;
      throw error;
    }
  }

  /**
   * Runs `fn` under the lock and releases it afterwards. Inside one call chain a lock that is held already is used
   * again: nested use does not wait for itself. To need more keys inside, take them all in the outer call.
   *
   * @returns what `fn` returns
   * @throws what `fn` throws, untouched, or as `acquire` does
   */
  async using<T>(key: string | readonly string[], fn: (lock: Lock) => T | Promise<T>): Promise<T>;
  async using<T>(
    key: string | readonly string[],
    options: LockOptions | undefined,
    fn: (lock: Lock) => T | Promise<T>,
  ): Promise<T>;
  async using<T>(
    key: string | readonly string[],
    optionsOrFn: LockOptions | undefined | ((lock: Lock) => T | Promise<T>),
    lastFn?: (lock: Lock) => T | Promise<T>,
  ): Promise<T> {
    const [options, fn] = typeof optionsOrFn === 'function' ? [undefined, optionsOrFn] : [optionsOrFn, lastFn];
    if (typeof fn !== 'function') throw new InvalidOptionsError('fn', 'a function', show(fn));
    const scope = await this.openScope(key, options);
    try {
      return await scope.run(() => fn(scope.lock));
    } finally {
      await scope.close();
    }
  }

  /**
   * Who holds a key, by quorum.
   *
   * @throws NoQuorumError when fewer than a quorum can tell
   */
  async inspect(key: string): Promise<LockState> {
    const checked = checkKey(key);
    const requests = this.requests[this.partitions.indexOf(checked)]!;
    const { group } = requests;
    const home = group.lockHomesOf(checked)[0];
    const fanOut = requests.inspect(checked);
    await fanOut.complete;
    const names = group.members.map(({ name }) => name);
    if ((await fanOut.verdict) !== 'granted') {
      throw group.noQuorum(`inspection of lock "${checked}"`, requests.reports(fanOut));
    }
    return readState(checked, names, fanOut.answers, group.quorum, home?.index);
  }

  /**
   * Locks that are held and begin with `prefix`, by quorum, in no order, each once. No snapshot: a lock that is taken or
   * released meanwhile may come or not. For people and tools: it walks through all keys of a part of the members.
   *
   * @param options.signal ends the walk, which then throws the signal's reason
   * @throws InvalidOptionsError; NoQuorumError when fewer than a quorum can tell
   */
  list(prefix = '', options: LockListOptions = {}): AsyncGenerator<LockState> {
    if (prefix !== '') checkKey(prefix);
    checkKnown('options of list()', options, ['signal']);
    const inspect = (key: string): Promise<LockState> => this.inspect(key);
    const { groups } = this.partitions;
    const indexes = this.partitions.indexesWith(prefix);
    return oneAfterTheOther(indexes.map((index) => () => listLocks(groups[index]!, prefix, inspect, options.signal)));
  }

  /** The lock of the innermost `using()` or `@WithMajorityLock()` that the calling code runs in. */
  current(): Lock | undefined {
    return this.chain.current();
  }

  /** @internal for `using()` and the decorator */
  async openScope(key: string | readonly string[], options?: LockOptions): Promise<LockScope> {
    const keys = checkKeys(key);
    const outer = this.chain.find(keys);
    if (!outer) return this.chain.owning(await this.acquire(keys, options));
    if (outer.mode === 'shared' && resolveLockOptions(this.options, options).mode === 'exclusive') {
      // waiting for the upgrade would be waiting for oneself
      throw new InvalidOptionsError(
        'mode',
        `'shared' inside a scope that holds "${keys.join('", "')}" shared`,
        "'exclusive'",
      );
    }
    return this.chain.within(outer);
  }

  /** @internal Ends all waits, releases all held locks, and lets go what running acquisitions are granted. */
  async close(): Promise<void> {
    this.closing.abort(this.partitions.noQuorum('lock', [{ member: 'this application', said: 'is closing' }]));
    await new Promise<void>((resolve) => {
      this.onIdle = resolve;
      if (this.acquiring === 0) resolve();
    });
    await Promise.allSettled(this.running);
    await Promise.all([...this.held].map((lock) => lock.release()));
    await Promise.all(this.requests.map((requests) => requests.settled()));
  }

  private readonly track = (work: Promise<unknown>): void => {
    this.running.add(work);
    const forget = (): void => void this.running.delete(work);
    work.then(forget, forget);
  };

  /** @internal */
  onLost(lock: HeldLock, error: LockLostError): void {
    this.held.delete(lock);
    this.partitions.events.next({ type: 'lock-lost', keys: lock.keys, token: lock.token, reason: error.reason });
  }

  /** @internal */
  onEnded(lock: HeldLock): void {
    this.held.delete(lock);
  }

  /** @internal */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    return shownAs('LockService', { group: this.partitions.name, held: this.held.size }, options);
  }
}
