import type { Keyspace } from '../keyspace.js';
import { CommandError, refuseRest, whole, type Command, type Reply } from './command.js';

/** Fields of a page, unless the scan says otherwise. */
const scanCount = 10;

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
  HSCAN(keys, [key, cursor, ...options]) {
    const [word, count, ...rest] = options;
    if (word !== undefined && word.toUpperCase() !== 'COUNT') refuseRest(options);
    refuseRest(rest);
    return scanPage([...(read(keys, key) ?? [])], whole(cursor), count === undefined ? scanCount : whole(count));
  },
} satisfies Record<string, Command>;

/** The fields in an order that does not change when others come and go, from a place in it on: about `count` of them. */
function scanPage(fields: readonly [field: string, value: string][], cursor: number, count: number): Reply {
  const placed = fields.map(([field, value]) => ({ field, value, place: placeOf(field) }));
  const left = placed.filter(({ place }) => place >= cursor).sort((a, b) => a.place - b.place);
  const next = left.find(({ place }, index) => index >= count && place !== left[count - 1]!.place);
  const page = next ? left.filter(({ place }) => place < next.place) : left;
  return [String(next?.place ?? 0), page.flatMap(({ field, value }) => [field, value])];
}

/** FNV-1a, above 0: that cursor means the beginning and the end. */
function placeOf(field: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < field.length; i++) hash = Math.imul(hash ^ field.charCodeAt(i), 0x01000193);
  return (hash >>> 0) + 1;
}

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
