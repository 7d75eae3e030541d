import type { CommandTable } from './command.js';

/** Commands on sets. */
export const setCommands: CommandTable = {
  SADD: {
    arity: [2, Infinity],
    run({ keyspace }, [key, ...added]) {
      const { members } = keyspace.findOrAdd(key!, 'set');
      const before = members.size;
      for (const member of added) members.add(member);
      return members.size - before;
    },
  },
  SMEMBERS: {
    arity: [1, 1],
    run: ({ keyspace }, [key]) => [...(keyspace.find(key!, 'set')?.members ?? [])],
  },
};
