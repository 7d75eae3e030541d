import { parseWhole } from '../numbers.js';
import { nowMs, type CommandTable } from './command.js';
import { pageOf, parsePage } from './page.js';

/** Commands on keys of any type. */
export const keyCommands: CommandTable = {
  DEL: {
    arity: [1, Infinity],
    run: ({ keyspace }, keys) => keys.filter((key) => keyspace.delete(key)).length,
  },
  EXISTS: {
    arity: [1, Infinity],
    run: ({ keyspace }, keys) => keys.filter((key) => keyspace.has(key)).length,
  },
  PEXPIRE: {
    arity: [2, 2],
    run(context, [key, ms]) {
      return context.keyspace.expire(key!, nowMs(context) + parseWhole(ms!)) ? 1 : 0;
    },
  },
  PTTL: {
    arity: [1, 1],
    run(context, [key]) {
      const expiresAt = context.keyspace.expiryOf(key!);
      if (expiresAt === undefined) return -2;
      return expiresAt === Infinity ? -1 : expiresAt - nowMs(context);
    },
  },
  SCAN: {
    arity: [1, 5],
    run({ keyspace }, [cursor, ...options]) {
      const { next, found } = pageOf(keyspace.keys(), parsePage(cursor!, options));
      return [next, found];
    },
  },
};
