import type { Bytes } from '../bytes.js';
import { parseWhole } from '../numbers.js';
import { CommandError, ok, syntaxError } from '../reply.js';
import { nowMs, type CommandTable } from './command.js';

/** Commands on strings. */
export const stringCommands: CommandTable = {
  GET: {
    arity: [1, 1],
    run: ({ keyspace }, [key]) => keyspace.find(key!, 'string')?.text ?? null,
  },
  MGET: {
    arity: [1, Infinity],
    // a key of another type counts as absent here
    run: ({ keyspace }, keys) => keys.map((key) => keyspace.textOf(key) ?? null),
  },
  SET: {
    arity: [2, 5],
    run(context, [key, text, ...options]) {
      const { isNew, ms } = parseOptions(options);
      const { keyspace } = context;
      if (isNew && keyspace.has(key!)) return null;
      keyspace.put(key!, { type: 'string', text: text! }, ms === undefined ? Infinity : nowMs(context) + ms);
      return ok;
    },
  },
  GETRANGE: {
    arity: [3, 3],
    run({ keyspace }, [key, start, end]) {
      const [from, to] = [parseWhole(start!), parseWhole(end!)];
      const text = keyspace.find(key!, 'string')?.text ?? '';
      if (from < 0 && to < 0 && from > to) return '';
      const [first, last] = [from, to].map((index) => Math.max(0, index < 0 ? text.length + index : index));
      return text.slice(first, last! + 1);
    },
  },
  SETRANGE: {
    arity: [3, 3],
    run({ keyspace }, [key, offset, piece]) {
      const start = parseWhole(offset!);
      if (start < 0) throw new CommandError('ERR offset is out of range');
      const found = keyspace.find(key!, 'string');
      if (piece === '') return found?.text.length ?? 0;
      const value = found ?? keyspace.findOrAdd(key!, 'string');
      const before = value.text.padEnd(start, '\0');
      value.text = before.slice(0, start) + piece! + before.slice(start + piece!.length);
      return value.text.length;
    },
  },
};

function parseOptions(options: readonly Bytes[]): { readonly isNew: boolean; readonly ms: number | undefined } {
  let isNew = false;
  let ms: number | undefined;
  for (let i = 0; i < options.length; i++) {
    const option = options[i]!.toUpperCase();
    if (option === 'NX') isNew = true;
    else if (option === 'PX' && i + 1 < options.length) ms = parseWhole(options[++i]!);
    else throw syntaxError();
  }
  if (ms !== undefined && ms <= 0) throw new CommandError("ERR invalid expire time in 'set' command");
  return { isNew, ms };
}
