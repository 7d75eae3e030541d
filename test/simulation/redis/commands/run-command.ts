import type { Bytes } from '../bytes.js';
import { CommandError, type Reply } from '../reply.js';
import type { Command, CommandContext } from './command.js';
import { hashCommands } from './hashes.js';
import { keyCommands } from './keys.js';
import { serverCommands } from './server.js';
import { setCommands } from './sets.js';
import { sortedSetCommands } from './sorted-sets.js';
import { stringCommands } from './strings.js';

const commands = new Map<string, Command>(
  Object.entries({
    ...keyCommands,
    ...stringCommands,
    ...hashCommands,
    ...setCommands,
    ...sortedSetCommands,
    ...serverCommands,
  }),
);

const keyless = new Set(['SCAN', ...Object.keys(serverCommands)]);
const ofManyKeys = new Set(['DEL', 'EXISTS', 'MGET']);

/** Names of all commands that the simulated server knows. */
export const commandNames: readonly string[] = [...commands.keys()];

/** Runs one command as a script calls it; a refusal is an answer. */
export function runCommand(context: CommandContext, name: Bytes, args: readonly Bytes[]): Reply {
  const command = commands.get(name) ?? commands.get(name.toUpperCase());
  if (!command) return { err: 'ERR Unknown Redis command called from script' };
  const [min, max] = command.arity;
  if (args.length < min || args.length > max)
    return { err: 'ERR Wrong number of args calling Redis command from script' };
  if (context.refusal?.(keysOf(name.toUpperCase(), args)) !== undefined)
    return { err: 'ERR Script attempted to access a non local key in a cluster node' };
  try {
    return command.run(context, args);
  } catch (error) {
    if (error instanceof CommandError) return { err: error.message };
    throw error;
  }
}

function keysOf(name: Bytes, args: readonly Bytes[]): readonly Bytes[] {
  if (keyless.has(name)) return [];
  return ofManyKeys.has(name) ? args : args.slice(0, 1);
}
