import type { Bytes } from './bytes.js';
import { wrongType } from './reply.js';
import { SortedSet } from './sorted-set.js';

/** A value by its type. */
export type Value =
  | { readonly type: 'string'; text: Bytes }
  | { readonly type: 'hash'; readonly fields: Map<Bytes, Bytes> }
  | { readonly type: 'set'; readonly members: Set<Bytes> }
  | { readonly type: 'zset'; readonly sorted: SortedSet };

type ValueOf<T extends Value['type']> = Extract<Value, { type: T }>;

interface Slot {
  readonly value: Value;
  /** ms on the server's clock; Infinity for never. */
  expiresAt: number;
}

/** All that one server stores. Expired keys are gone for whoever looks. */
export class Keyspace {
  private readonly slots = new Map<Bytes, Slot>();

  constructor(
    /** ms on the server's clock. */
    private readonly now: () => number,
  ) {}

  /** @throws CommandError when the key holds another type */
  find<T extends Value['type']>(key: Bytes, type: T): ValueOf<T> | undefined {
    const value = this.slot(key)?.value;
    if (value !== undefined && value.type !== type) throw wrongType();
    return value as ValueOf<T> | undefined;
  }

  /** What is there, or what is put there now. @throws CommandError when the key holds another type */
  findOrAdd<T extends Value['type']>(key: Bytes, type: T): ValueOf<T> {
    const found = this.find(key, type);
    if (found) return found;
    const value = emptyOf(type);
    this.put(key, value);
    return value as ValueOf<T>;
  }

  /** A string, or undefined for anything else. */
  textOf(key: Bytes): Bytes | undefined {
    const value = this.slot(key)?.value;
    return value?.type === 'string' ? value.text : undefined;
  }

  put(key: Bytes, value: Value, expiresAt = Infinity): void {
    this.slots.set(key, { value, expiresAt });
  }

  has(key: Bytes): boolean {
    return this.slot(key) !== undefined;
  }

  /** @returns whether it was there */
  delete(key: Bytes): boolean {
    return this.slot(key) !== undefined && this.slots.delete(key);
  }

  /** Redis keeps no empty collections. */
  deleteIfEmpty(key: Bytes): void {
    const value = this.slots.get(key)?.value;
    if (value && sizeOf(value) === 0) this.slots.delete(key);
  }

  /** @returns undefined when there is no such key; Infinity when it does not expire */
  expiryOf(key: Bytes): number | undefined {
    return this.slot(key)?.expiresAt;
  }

  /** @returns whether the key is there */
  expire(key: Bytes, at: number): boolean {
    const slot = this.slot(key);
    if (!slot) return false;
    if (at <= this.now()) this.slots.delete(key);
    else slot.expiresAt = at;
    return true;
  }

  /** As `MIGRATE … REPLACE`: the key is there afterwards, with what is left of its life. */
  migrate(key: Bytes, to: Keyspace): void {
    const slot = this.slot(key);
    if (!slot) return;
    this.slots.delete(key);
    to.put(key, slot.value, slot.expiresAt - this.now() + to.now());
  }

  keys(): Bytes[] {
    return [...this.slots.keys()].filter((key) => this.slot(key));
  }

  clear(): void {
    this.slots.clear();
  }

  /** As it is now, for a copy that is brought back later. */
  snapshot(): ReadonlyMap<Bytes, Slot> {
    return copyOf(this.slots);
  }

  load(snapshot: ReadonlyMap<Bytes, Slot>): void {
    this.slots.clear();
    for (const [key, slot] of copyOf(snapshot)) this.slots.set(key, slot);
  }

  /** Each key with its value as text and what is left of its life, in the order of keys: two dumps are equal or not. */
  dump(): Record<string, { readonly value: unknown; readonly ttl: number }> {
    const now = this.now();
    const entries = this.keys()
      .sort()
      .map((key) => {
        const { value, expiresAt } = this.slots.get(key)!;
        return [key, { value: plain(value), ttl: expiresAt === Infinity ? -1 : expiresAt - now }] as const;
      });
    return Object.fromEntries(entries);
  }

  private slot(key: Bytes): Slot | undefined {
    const slot = this.slots.get(key);
    if (!slot || slot.expiresAt > this.now()) return slot;
    this.slots.delete(key);
    return undefined;
  }
}

export type Snapshot = ReturnType<Keyspace['snapshot']>;

function emptyOf(type: Value['type']): Value {
  switch (type) {
    case 'string':
      return { type, text: '' };
    case 'hash':
      return { type, fields: new Map() };
    case 'set':
      return { type, members: new Set() };
    case 'zset':
      return { type, sorted: new SortedSet() };
  }
}

function sizeOf(value: Value): number {
  switch (value.type) {
    case 'string':
      return value.text.length;
    case 'hash':
      return value.fields.size;
    case 'set':
      return value.members.size;
    case 'zset':
      return value.sorted.size;
  }
}

function copyOf(slots: ReadonlyMap<Bytes, Slot>): Map<Bytes, Slot> {
  return new Map([...slots].map(([key, { value, expiresAt }]) => [key, { value: copyOfValue(value), expiresAt }]));
}

function copyOfValue(value: Value): Value {
  switch (value.type) {
    case 'string':
      return { ...value };
    case 'hash':
      return { ...value, fields: new Map(value.fields) };
    case 'set':
      return { ...value, members: new Set(value.members) };
    case 'zset':
      return { ...value, sorted: value.sorted.clone() };
  }
}

function plain(value: Value): unknown {
  switch (value.type) {
    case 'string':
      return value.text;
    case 'hash':
      return Object.fromEntries([...value.fields].sort(([a], [b]) => (a < b ? -1 : 1)));
    case 'set':
      return [...value.members].sort();
    case 'zset':
      return value.sorted.entries.map(({ member, score }) => [member, score]);
  }
}
