import type { Clock } from '../runtime/clock.js';
import { CommandError } from './commands/command.js';
import { SortedSet } from './sorted-set.js';

/** What a key holds, by the type of its value. */
interface Kinds {
  string: string;
  hash: Map<string, string>;
  set: Set<string>;
  'sorted set': SortedSet;
}

type Kind = keyof Kinds;

interface Entry {
  readonly kind: Kind;
  readonly value: Kinds[Kind];
  /** ms on the member's clock; Infinity for never. */
  readonly expiresAt: number;
}

const empty: { [K in Kind]: () => Kinds[K] } = {
  string: () => '',
  hash: () => new Map<string, string>(),
  set: () => new Set<string>(),
  'sorted set': () => new SortedSet(),
};

/** The data of one in-memory member. Texts hold one byte a character. A collection that is empty is not there. */
export class Keyspace {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly clock: Clock) {}

  /** ms; leases and expiry are measured with it, and scripts see it as the member's time. */
  now(): number {
    return Math.floor(this.nowUs() / 1000);
  }

  nowUs(): number {
    return this.clock.wallUs();
  }

  keys(): string[] {
    return [...this.entries.keys()].filter((key) => this.entry(key) !== undefined);
  }

  has(key: string): boolean {
    return this.entry(key) !== undefined;
  }

  kindOf(key: string): string | undefined {
    return this.entry(key)?.kind;
  }

  /** @throws CommandError when the key holds another kind */
  read<K extends Kind>(key: string, kind: K): Kinds[K] | undefined {
    const entry = this.entry(key);
    if (!entry) return undefined;
    if (entry.kind !== kind) {
      throw new CommandError('WRONGTYPE Operation against a key holding the wrong kind of value');
    }
    return entry.value as Kinds[K];
  }

  /** The collection of the key to be changed, made when it is not there; `change` says what the command answers. */
  change<K extends Exclude<Kind, 'string'>, T>(key: string, kind: K, change: (value: Kinds[K]) => T): T {
    const value = this.read(key, kind) ?? empty[kind]();
    const answer = change(value);
    if (value.size === 0) this.entries.delete(key);
    else if (!this.entries.has(key)) this.entries.set(key, { kind, value, expiresAt: Infinity });
    return answer;
  }

  /** @param expiresAt ms; left out, the text keeps the end it has */
  writeText(key: string, value: string, expiresAt = this.entry(key)?.expiresAt ?? Infinity): void {
    this.entries.set(key, { kind: 'string', value, expiresAt });
  }

  expire(key: string, expiresAt: number): boolean {
    const entry = this.entry(key);
    if (entry) this.entries.set(key, { ...entry, expiresAt });
    return entry !== undefined;
  }

  expiresAt(key: string): number | undefined {
    return this.entry(key)?.expiresAt;
  }

  delete(key: string): boolean {
    const isThere = this.has(key);
    this.entries.delete(key);
    return isThere;
  }

  private entry(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    if (!entry || entry.expiresAt > this.now()) return entry;
    this.entries.delete(key);
    return undefined;
  }
}
