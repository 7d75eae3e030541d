import type { LuaFunction } from './lua/values.js';
import type { LuaTable } from './lua/values.js';
import type { LuaRuntime } from './lua/runtime.js';

/** What translated scripts call as `redis`. */
export interface LuaRedis {
  readonly call: LuaFunction;
  readonly pcall: LuaFunction;
}

/** All scripts of this package by their SHA-1, translated when it is built: see scripts/support/translate-lua.mjs. */
export const translatedScripts: Readonly<
  Record<string, (runtime: LuaRuntime, redis: LuaRedis, KEYS: LuaTable, ARGV: LuaTable) => ReturnType<LuaFunction>>
>;
