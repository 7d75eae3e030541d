import type { Keyspace } from '../keyspace.js';
import { CommandError, whole, type Command } from './command.js';

export const hashCommands = {
  HSET(keys, [key, ...pairs]) {
    if (pairs.length === 0 || pairs.length % 2 > 0) {
      throw new CommandError("ERR wrong number of arguments for 'hset' command");
    }
    return keys.change(key!, 'hash', (hash) => {
      const before = hash.size;
      for (let i = 0; i < pairs.length; i += 2) hash.set(pairs[i]!, pairs[i + 1]!);
      return hash.size - before;
    });
  },
  HSETNX: (keys, [key, field, value]) =>
    keys.change(key!, 'hash', (hash) => {
      if (hash.has(field!)) return 0;
      hash.set(field!, value!);
      return 1;
    }),
  HGET: (keys, [key, field]) => read(keys, key)?.get(field!) ?? null,
  HMGET(keys, [key, ...fields]) {
    const hash = read(keys, key);
    return fields.map((field) => hash?.get(field) ?? null);
  },
  HDEL: (keys, [key, ...fields]) =>
    keys.change(key!, 'hash', (hash) => fields.filter((field) => hash.delete(field)).length),
  HEXISTS: (keys, [key, field]) => Number(read(keys, key)?.has(field!) ?? false),
  HLEN: (keys, [key]) => read(keys, key)?.size ?? 0,
  HINCRBY: (keys, [key, field, by]) =>
    keys.change(key!, 'hash', (hash) => {
      const sum = whole(hash.get(field!) ?? '0') + whole(by);
      hash.set(field!, String(sum));
      return sum;
    }),
  /** All in one page, as Redis does with a small one. */
  HSCAN: (keys, [key]) => ['0', [...(read(keys, key) ?? [])].flat()],
} satisfies Record<string, Command>;

function read(keys: Keyspace, key: string | undefined): Map<string, string> | undefined {
  return keys.read(key!, 'hash');
}

export const setCommands = {
  SADD: (keys, [key, ...members]) =>
    keys.change(key!, 'set', (set) => {
      const before = set.size;
      for (const member of members) set.add(member);
      return set.size - before;
    }),
  SMEMBERS: (keys, [key]) => [...(keys.read(key!, 'set') ?? [])],
} satisfies Record<string, Command>;
