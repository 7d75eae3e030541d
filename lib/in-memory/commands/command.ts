import type { Keyspace } from '../keyspace.js';

/** What a command answers: text, a whole number, nothing, a list, or a word like OK. */
export type Reply = string | number | null | readonly Reply[] | { readonly ok: string };

/** One command of Redis, with its arguments as texts of one byte a character. */
export type Command = (keys: Keyspace, args: readonly string[]) => Reply;

/** What the server refuses. Its message begins with Redis' own word. */
export class CommandError extends Error {}

export const ok: Reply = { ok: 'OK' };

export function whole(text: string | undefined): number {
  if (text === undefined || !/^-?\d{1,15}$/.test(text)) {
    throw new CommandError('ERR value is not an integer or out of range');
  }
  return Number(text);
}

/** Refuses options that this member does not know: a script that needs one must not seem to work. */
export function refuseRest(rest: readonly string[]): void {
  if (rest.length > 0) throw new CommandError('ERR syntax error');
}
