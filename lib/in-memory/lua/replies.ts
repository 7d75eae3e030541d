import { CommandError, type Reply } from '../commands/command.js';
import { LuaError, LuaTable, numberText, type LuaFunction, type LuaValue } from './values.js';

/** `redis.call` and `redis.pcall` over what runs commands. */
export function redisOf(run: (name: string, args: readonly string[]) => Reply): {
  call: LuaFunction;
  pcall: LuaFunction;
} {
  const call: LuaFunction = (name, ...args) => {
    try {
      return [toLua(run(argument(name), args.map(argument)))];
    } catch (error) {
      throw error instanceof CommandError ? new LuaError(errorTable(error.message)) : error;
    }
  };
  const pcall: LuaFunction = (...args) => {
    try {
      return call(...args);
    } catch (error) {
      if (error instanceof LuaError) return [error.value];
      throw error;
    }
  };
  return { call, pcall };
}

/** What a script returned, as a client gets it: whole numbers, lists up to the first nil. @throws Error for an error reply */
export function fromLua(value: LuaValue): unknown {
  if (value === undefined || value === false) return null;
  if (value === true) return 1;
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'string') return value;
  if (!(value instanceof LuaTable)) throw new Error('a script returned a function');
  const err = value.get('err');
  if (typeof err === 'string') throw new Error(err);
  return value.get('ok') ?? value.items().map(fromLua);
}

function toLua(reply: Reply): LuaValue {
  if (reply === null) return false;
  if (typeof reply !== 'object') return reply;
  return 'ok' in reply ? new LuaTable([], [['ok', reply.ok]]) : new LuaTable(reply.map(toLua));
}

function argument(value: LuaValue): string {
  if (typeof value === 'string') return value;
  // here Redis writes numbers to their last digit
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : numberText(value);
  throw new CommandError('ERR Lua redis lib command arguments must be strings or integers');
}

function errorTable(message: string): LuaTable {
  return new LuaTable([], [['err', message]]);
}
