import { inspect, isDeepStrictEqual, type InspectOptions } from 'node:util';
import { distinctUntilChanged, map, type Observable } from 'rxjs';
import { InvalidOptionsError, StaleTokenError } from '../errors.js';
import { checkKey, checkKnown, show } from '../options/checks.js';
import { oneAfterTheOther } from '../quorum/one-after-the-other.js';
import type { Partitions } from '../quorum/partitions.js';
import { Change, type ChangeContext, type Changed, type Decision } from './change.js';
import { decodeValue, encodeValue } from './codec.js';
import { KeyTurns } from './key-turns.js';
import type { KvEntry, KvSetResult, KvWatchEvent } from './kv.js';
import type { KvDeleteOptions, KvGuard, KvKeysOptions, KvSetOptions } from './kv-options.js';
import { listKeys } from './list-keys.js';
import { PromiseCache } from './promise-cache.js';
import { readRegister } from './read.js';
import { tombstoneMin, type Accepted, type Content } from './register.js';
import type { RegisterKeys } from './register-keys.js';
import { RegisterRequests } from './register-requests.js';
import { checkDeleteOptions, checkSetOptions, checkTtl, type ResolvedKvOptions } from './resolve-kv-options.js';
import { Sweeper } from './sweeper.js';
import { watchRegister } from './watch.js';
import { shownAs } from '../runtime/shown-as.js';

/** Most keys of one `getMany()`. */
const keysMax = 10_000;

/**
 * Values under keys, by majority vote; every operation is linearizable. Injectable with Nest; also given by
 * `connectMajorityRedis()`. All methods throw `InvalidOptionsError` for bad input before anything is sent, and
 * `NoQuorumError` when fewer than a quorum can vote. Writes throw `OutcomeUnknownError` when members failed so that it
 * is not known whether the write took effect.
 *
 * @see docs/guides/key-value.md, docs/protocols/kv.md
 */
export class QuorumKvService {
  /** By partition. */
  private readonly contexts: readonly ChangeContext[];
  private readonly turns = new KeyTurns();
  private readonly sweepers: readonly Sweeper[];

  /** @internal made by `connectMajorityRedis()` */
  constructor(
    private readonly partitions: Partitions,
    private readonly options: ResolvedKvOptions,
    /** By partition. */
    keys: readonly RegisterKeys[],
  ) {
    const { timeout, sweepInterval } = options;
    this.contexts = partitions.groups.map((group, index) => {
      return { requests: new RegisterRequests(group, keys[index]!), cache: new PromiseCache(keys.length), timeout };
    });
    this.sweepers = this.contexts.map((context) => new Sweeper(context, sweepInterval));
  }

  /** The value, or null when there is none. */
  async get<T = unknown>(key: string): Promise<T | null> {
    const { value } = await this.read(checkKey(key));
    return value ? ((decodeValue(this.options.codec, value) as T) ?? null) : null;
  }

  /** The value with its version and end, or null when there is none. */
  async getEntry<T = unknown>(key: string): Promise<KvEntry<T> | null> {
    return this.entryOf<T>(await this.read(checkKey(key)));
  }

  /**
   * Many values in one fan-out: entries by key, without those that have no value. Each is linearizable; together they
   * are no snapshot.
   *
   * @param keys up to 10,000
   */
  async getMany<T = unknown>(keys: readonly string[]): Promise<Map<string, KvEntry<T>>> {
    if (!Array.isArray(keys) || keys.length > keysMax) {
      throw new InvalidOptionsError('keys', `an array of up to ${keysMax} keys`, show(keys));
    }
    const names = [...new Set(keys.map(checkKey))];
    const found = await Promise.all(names.map((name) => this.read(name)));
    const entries = new Map<string, KvEntry<T>>();
    names.forEach((name, index) => {
      const entry = this.entryOf<T>(found[index]!);
      if (entry) entries.set(name, entry);
    });
    return entries;
  }

  /** Whether the key has a value. @throws as `get` does */
  async exists(key: string): Promise<boolean> {
    return (await this.read(checkKey(key))).value !== undefined;
  }

  /** ms until the value ends by itself; null when it does not, or there is none. */
  async ttl(key: string): Promise<number | null> {
    const { value, due } = await this.read(checkKey(key));
    return value && due > 0 ? Math.max(0, due - this.nowMs()) : null;
  }

  /**
   * Writes a value. Without `ttl` it does not end by itself, also when the value before did.
   *
   * @param value what JSON or the module's codec carries; `Buffer` and `Uint8Array` as they are
   * @throws StaleTokenError when a later holder of the `guard` lock wrote before
   */
  async set(key: string, value: unknown, options?: KvSetOptions): Promise<KvSetResult> {
    const { ttl, ifAbsent, ifPresent, ifVersion, guard } = checkSetOptions(options);
    const encoded = this.encode(value);
    const { result, version } = await this.change(key, (found) => {
      checkGuard(key, found, guard);
      const isRight = isVersion(found, ifVersion) && !(ifAbsent && found.value) && !(ifPresent && !found.value);
      if (!isRight) return { result: false };
      const due = ttl === undefined ? 0 : this.nowMs() + ttl;
      return { result: true, write: { value: encoded, due, token: tokenOf(found, guard) } };
    });
    return { written: result, version };
  }

  /**
   * Removes a value.
   *
   * @returns whether there was one, and `ifVersion` was right
   * @throws StaleTokenError when a later holder of the `guard` lock wrote before
   */
  async delete(key: string, options?: KvDeleteOptions): Promise<boolean> {
    const { ifVersion, guard } = checkDeleteOptions(options);
    const { result } = await this.change(key, (found) => {
      checkGuard(key, found, guard);
      if (!found.value || !isVersion(found, ifVersion)) return { result: false };
      const token = tokenOf(found, guard);
      const due = this.nowMs() + (token > 0 ? this.options.fenceRetention : tombstoneMin);
      return { result: true, write: { value: undefined, due, token } };
    });
    return result;
  }

  /**
   * Writes `next` when the value equals `expected`, by content; its end stays as it is.
   *
   * @param expected null for: there is no value
   * @returns whether it was written
   */
  async compareAndSet(key: string, expected: unknown, next: unknown): Promise<boolean> {
    const encoded = this.encode(next);
    // as it would come back, so that it can be compared
    const wanted = expected === null ? null : decodeValue(this.options.codec, this.encode(expected));
    const { result } = await this.change(key, (found) => {
      const isEqual = found.value
        ? isDeepStrictEqual(decodeValue(this.options.codec, found.value), wanted)
        : wanted === null;
      if (!isEqual) return { result: false };
      return { result: true, write: { value: encoded, due: keptDue(found), token: found.token } };
    });
    return result;
  }

  /**
   * Changes a value by a function of it; its end stays as it is.
   *
   * @param change gets the value, or null; undefined leaves it. It may be called several times, so it should have no
   *   effects, and be done well within `maxOperationTime`
   * @returns the entry that stands now, or null when there is none
   * @throws what `change` throws, and then nothing was written
   */
  async update<T = unknown>(
    key: string,
    change: (current: T | null) => T | undefined | Promise<T | undefined>,
  ): Promise<KvEntry<T> | null> {
    if (typeof change !== 'function') throw new InvalidOptionsError('change', 'a function', show(change));
    const { result, version } = await this.change(key, async (found): Promise<Decision<Content>> => {
      const current = found.value ? (decodeValue(this.options.codec, found.value) as T) : null;
      const next = await change(current);
      if (next === undefined) return { result: found };
      const write = { value: this.encode(next), due: keptDue(found), token: found.token };
      return { result: write, write };
    });
    return this.entryOf<T>({ ...result, version });
  }

  /**
   * Adds to a whole number; a key without a value counts as 0, and its end stays as it is. Exact: an increment that was
   * acknowledged is in the value once.
   *
   * @param by a whole number, may be negative
   * @returns the new value
   * @throws InvalidOptionsError when the value is no whole number, or the sum is no safe integer
   */
  async increment(key: string, by = 1): Promise<number> {
    if (!Number.isSafeInteger(by)) throw new InvalidOptionsError('by', 'a safe integer', show(by));
    const { result } = await this.change(key, (found) => {
      const current = found.value ? decodeValue(this.options.codec, found.value) : 0;
      const sum = Number.isSafeInteger(current) ? (current as number) + by : NaN;
      if (!Number.isSafeInteger(sum)) {
        throw new InvalidOptionsError(
          `the value of "${key}"`,
          `a whole number that ${by} can be added to`,
          show(current),
        );
      }
      return { result: sum, write: { value: this.encode(sum), due: keptDue(found), token: found.token } };
    });
    return result;
  }

  /**
   * Sets when a value ends.
   *
   * @param ttl ms from now, 1 to 315360000000; null for never
   * @returns false when there is no value
   */
  async touch(key: string, ttl: number | null): Promise<boolean> {
    if (ttl !== null) checkTtl(ttl);
    const { result } = await this.change(key, (found) => {
      if (!found.value) return { result: false };
      const due = ttl === null ? 0 : this.nowMs() + ttl;
      return { result: true, write: { value: found.value, due, token: found.token } };
    });
    return result;
  }

  /**
   * The entry, then each later version once and in order, also removals. Versions that follow each other faster than
   * they can be read are passed over; the last one always comes. Cold; it never completes, and waits while there is no
   * quorum.
   */
  watch<T = unknown>(key: string): Observable<KvWatchEvent<T>> {
    return watchRegister(this.contextOf(checkKey(key)), key, this.options.pollInterval).pipe(
      distinctUntilChanged((before, { version }) => before.version === version),
      map((found) => {
        const entry = this.entryOf<T>(found);
        const { version } = found;
        return entry ? { exists: true, ...entry } : { exists: false, value: null, version, expiresAt: null };
      }),
    );
  }

  /**
   * Keys that have a value and begin with `prefix`, in no order, each once. No snapshot: a key that is written or
   * deleted meanwhile may come or not. Memory grows with the number of keys given. Walks through all keys of a part of
   * the members, however few begin so.
   *
   * @param options.signal ends the walk, which then throws the signal's reason
   * @throws InvalidOptionsError; NoQuorumError
   */
  keys(prefix = '', options: KvKeysOptions = {}): AsyncGenerator<string> {
    if (prefix !== '') checkKey(prefix);
    checkKnown('options of keys()', options, ['signal']);
    const indexes = this.partitions.indexesWith(prefix);
    return oneAfterTheOther(indexes.map((index) => () => listKeys(this.contexts[index]!, prefix, options.signal)));
  }

  /** @internal */
  start(): void {
    for (const sweeper of this.sweepers) sweeper.start();
  }

  /** @internal Ends the background work. */
  async close(): Promise<void> {
    await Promise.all(this.sweepers.map((sweeper) => sweeper.close()));
  }

  private read(key: string): Promise<Accepted> {
    return readRegister(this.contextOf(key), key);
  }

  private contextOf(key: string): ChangeContext {
    return this.contexts[this.partitions.indexOf(key)]!;
  }

  private async change<T>(
    key: string,
    decide: (found: Accepted) => Decision<T> | Promise<Decision<T>>,
  ): Promise<Changed<T>> {
    return this.turns.run(checkKey(key), () => new Change(this.contextOf(key), key, decide).run());
  }

  private encode(value: unknown) {
    return encodeValue(this.options.codec, value, this.options.maxValueBytes);
  }

  private entryOf<T>({ value, version, due }: Content & { readonly version: number }): KvEntry<T> | null {
    if (!value) return null;
    return { value: decodeValue(this.options.codec, value) as T, version, expiresAt: due === 0 ? null : due };
  }

  private nowMs(): number {
    return Math.floor(this.partitions.clock.wallUs() / 1000);
  }

  /** @internal */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    return shownAs('QuorumKvService', { group: this.partitions.name }, options);
  }
}

function isVersion({ value, version }: Accepted, wanted: number | undefined): boolean {
  return wanted === undefined || (value ? version : 0) === wanted;
}

function keptDue({ value, due }: Accepted): number {
  return value ? due : 0;
}

function tokenOf({ token }: Accepted, guard: KvGuard | undefined): number {
  return Math.max(token, guard?.token ?? 0);
}

function checkGuard(key: string, { token }: Accepted, guard: KvGuard | undefined): void {
  if (guard && guard.token < token) throw new StaleTokenError(key, guard.token, token);
}
