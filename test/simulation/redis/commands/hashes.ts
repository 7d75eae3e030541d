import { CommandError } from '../reply.js';
import { parseWhole } from '../numbers.js';
import type { CommandTable } from './command.js';
import { pageOf, parsePage } from './page.js';

/** A hash is a plain list up to this size, and HSCAN then gives all of it. */
const listEntriesMax = 128;
const listValueMax = 64;

/** Commands on hashes. */
export const hashCommands: CommandTable = {
  HGET: {
    arity: [2, 2],
    run: ({ keyspace }, [key, field]) => keyspace.find(key!, 'hash')?.fields.get(field!) ?? null,
  },
  HMGET: {
    arity: [2, Infinity],
    run({ keyspace }, [key, ...fields]) {
      const hash = keyspace.find(key!, 'hash');
      return fields.map((field) => hash?.fields.get(field) ?? null);
    },
  },
  HEXISTS: {
    arity: [2, 2],
    run: ({ keyspace }, [key, field]) => (keyspace.find(key!, 'hash')?.fields.has(field!) ? 1 : 0),
  },
  HLEN: {
    arity: [1, 1],
    run: ({ keyspace }, [key]) => keyspace.find(key!, 'hash')?.fields.size ?? 0,
  },
  HSET: {
    arity: [3, Infinity],
    run({ keyspace }, [key, ...pairs]) {
      if (pairs.length % 2 === 1) throw new CommandError("ERR wrong number of arguments for 'hset' command");
      const { fields } = keyspace.findOrAdd(key!, 'hash');
      const before = fields.size;
      for (let i = 0; i < pairs.length; i += 2) fields.set(pairs[i]!, pairs[i + 1]!);
      return fields.size - before;
    },
  },
  HSETNX: {
    arity: [3, 3],
    run({ keyspace }, [key, field, value]) {
      const { fields } = keyspace.findOrAdd(key!, 'hash');
      if (fields.has(field!)) return 0;
      fields.set(field!, value!);
      return 1;
    },
  },
  HINCRBY: {
    arity: [3, 3],
    run({ keyspace }, [key, field, by]) {
      const step = parseWhole(by!);
      const before = keyspace.find(key!, 'hash')?.fields.get(field!) ?? '0';
      const sum = parseWhole(before, () => new CommandError('ERR hash value is not an integer')) + step;
      keyspace.findOrAdd(key!, 'hash').fields.set(field!, String(sum));
      return sum;
    },
  },
  HDEL: {
    arity: [2, Infinity],
    run({ keyspace }, [key, ...fields]) {
      const hash = keyspace.find(key!, 'hash');
      const removed = hash ? fields.filter((field) => hash.fields.delete(field)).length : 0;
      keyspace.deleteIfEmpty(key!);
      return removed;
    },
  },
  HSCAN: {
    arity: [2, 6],
    run({ keyspace }, [key, cursor, ...options]) {
      const request = parsePage(cursor!, options);
      const fields = keyspace.find(key!, 'hash')?.fields ?? new Map<string, string>();
      const isList = fields.size <= listEntriesMax && [...fields].flat().every(({ length }) => length <= listValueMax);
      const page = isList
        ? { next: '0', found: [...fields.keys()].filter(request.matches) }
        : pageOf([...fields.keys()], request);
      return [page.next, page.found.flatMap((field) => [field, fields.get(field)!])];
    },
  },
};
