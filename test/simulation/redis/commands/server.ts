import { ok, syntaxError } from '../reply.js';
import type { CommandTable } from './command.js';

/** Commands on the server itself. */
export const serverCommands: CommandTable = {
  TIME: {
    arity: [0, 0],
    run: ({ nowUs }) => [String(Math.floor(nowUs / 1_000_000)), String(nowUs % 1_000_000)],
  },
  FLUSHALL: {
    arity: [0, 0],
    run({ keyspace }) {
      keyspace.clear();
      return ok;
    },
  },
  INFO: {
    arity: [1, 1],
    run: (context, [section]) => context.info(section!),
  },
  PUBLISH: {
    arity: [2, 2],
    run: (context, [channel, message]) => context.publish(channel!, message!),
  },
  PUBSUB: {
    arity: [2, 2],
    run(context, [what, channel]) {
      if (what!.toUpperCase() !== 'NUMSUB') throw syntaxError();
      return [channel!, context.subscribers(channel!)];
    },
  },
};
