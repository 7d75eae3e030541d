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

/** Names of all commands that the simulated server knows. */
export const commandNames: readonly string[] = [...commands.keys()];

/** Runs one command as a script calls it; a refusal is an answer. */
export function runCommand(context: CommandContext, name: Bytes, args: readonly Bytes[]): Reply {
  const command = commands.get(name) ?? commands.get(name.toUpperCase());
  if (!command) return { err: 'ERR Unknown Redis command called from script' };
  const [min, max] = command.arity;
  if (args.length < min || args.length > max)
    return { err: 'ERR Wrong number of args calling Redis command from script' };
  try {
    return command.run(context, args);
  } catch (error) {
    if (error instanceof CommandError) return { err: error.message };
    throw error;
  }
}
