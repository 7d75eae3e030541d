import type { Bytes } from './bytes.js';

/** What a command answers: bulk string, integer, nil, array, status or error, as RESP2 knows them. */
export type Reply = Bytes | number | null | readonly Reply[] | Status | RedisError;

/** For example `OK`. */
export interface Status {
  readonly ok: string;
}

/** The text begins with the error's code. */
export interface RedisError {
  readonly err: string;
}

/** Thrown by commands; the server answers with its text. */
export class CommandError extends Error {}

export const ok: Status = { ok: 'OK' };

export const wrongType = (): CommandError =>
  new CommandError('WRONGTYPE Operation against a key holding the wrong kind of value');
export const syntaxError = (): CommandError => new CommandError('ERR syntax error');
export const notAnInteger = (): CommandError => new CommandError('ERR value is not an integer or out of range');

export function isError(reply: Reply): reply is RedisError {
  return typeof reply === 'object' && reply !== null && 'err' in reply;
}

export function isStatus(reply: Reply): reply is Status {
  return typeof reply === 'object' && reply !== null && 'ok' in reply;
}
