import type { Bytes } from '../bytes.js';
import type { Keyspace } from '../keyspace.js';
import type { Reply } from '../reply.js';

/** What a command works on. */
export interface CommandContext {
  readonly keyspace: Keyspace;
  /** The server's time, the same throughout one script. */
  readonly nowUs: number;
  info(section: string): Bytes;
  /** Where it is one of the masters of a Cluster: why a command must not touch these keys now, if so. */
  readonly refusal?: (keys: readonly Bytes[]) => Bytes | undefined;
  /** @returns how many subscribers got it */
  publish(channel: Bytes, message: Bytes): number;
  /** How many subscribers the channel has on this server. */
  subscribers(channel: Bytes): number;
}

/** One Redis command, for the forms that our scripts use; any other form is refused as a syntax error. */
export interface Command {
  /** Arguments without the name: at least, and at most. */
  readonly arity: readonly [min: number, max: number];
  /** @throws CommandError */
  run(context: CommandContext, args: readonly Bytes[]): Reply;
}

export type CommandTable = Readonly<Record<string, Command>>;

/** ms on the server's clock. */
export function nowMs({ nowUs }: CommandContext): number {
  return Math.floor(nowUs / 1000);
}
