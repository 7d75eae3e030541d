import { string, text } from './strings.js';
import { LuaError, LuaTable, number, toNumber, truthy, typeName, type LuaFunction, type LuaValue } from './values.js';

/** What translated scripts call by name: what of Lua 5.1 they use. See scripts/support/translate-lua.mjs. */
export const runtime = {
  Table: LuaTable,
  truthy,
  number,
  string,
  and: (left: LuaValue, right: () => LuaValue): LuaValue => (truthy(left) ? right() : left),
  or: (left: LuaValue, right: () => LuaValue): LuaValue => (truthy(left) ? left : right()),
  first: (values: readonly LuaValue[]): LuaValue => values[0],
  concat: (left: LuaValue, right: LuaValue): string => text(left) + text(right),
  modulo: (left: number, right: number): number => left - Math.floor(left / right) * right,
  lt: (left: LuaValue, right: LuaValue): boolean => compare(left, right) < 0,
  le: (left: LuaValue, right: LuaValue): boolean => compare(left, right) <= 0,
  gt: (left: LuaValue, right: LuaValue): boolean => compare(left, right) > 0,
  ge: (left: LuaValue, right: LuaValue): boolean => compare(left, right) >= 0,
  length(value: LuaValue): number {
    if (typeof value === 'string' || value instanceof LuaTable) return value.length;
    throw new LuaError(`attempt to get length of a ${typeName(value)} value`);
  },
  *iterate([next, state, first]: readonly LuaValue[]): Generator<LuaValue[]> {
    if (typeof next !== 'function') throw new LuaError(`attempt to call a ${typeName(next)} value`);
    for (let control = first; ;) {
      const values = next(state, control);
      control = values[0];
      if (control === undefined) return;
      yield values;
    }
  },
  table: {
    concat: (list, separator = '') => [tableOf(list).items().map(text).join(text(separator))],
  } satisfies Record<string, LuaFunction>,
  math: {
    floor: (value) => [Math.floor(number(value))],
    max: (...values) => [Math.max(...values.map(number))],
    min: (...values) => [Math.min(...values.map(number))],
  } satisfies Record<string, LuaFunction>,
  ipairs(list: LuaValue): LuaValue[] {
    const next: LuaFunction = (state, index) => {
      const following = number(index) + 1;
      const value = tableOf(state).get(following);
      return value === undefined ? [undefined] : [following, value];
    };
    return [next, list, 0];
  },
  pairs(list: LuaValue): LuaValue[] {
    const entries = [...tableOf(list).pairs()][Symbol.iterator]();
    return [() => entries.next().value ?? [undefined]];
  },
  tonumber: (value: LuaValue): LuaValue[] => [toNumber(value)],
  tostring: (value: LuaValue): LuaValue[] => [
    typeof value === 'string' || typeof value === 'number'
      ? text(value)
      : typeof value === 'boolean'
        ? `${value}`
        : typeName(value),
  ],
  type: (value: LuaValue): LuaValue[] => [typeName(value)],
  unpack: (list: LuaValue, from: LuaValue = 1): LuaValue[] =>
    tableOf(list)
      .items()
      .slice(number(from) - 1),
  error(value: LuaValue): never {
    throw new LuaError(value);
  },
  pcall(called: LuaValue, ...args: LuaValue[]): LuaValue[] {
    try {
      return [true, ...(called as LuaFunction)(...args)];
    } catch (error) {
      return [false, error instanceof LuaError ? error.value : (error as Error).message];
    }
  },
};

export type LuaRuntime = typeof runtime;

/** Two numbers or two strings, by bytes. @throws LuaError for anything else, as Lua does */
function compare(left: LuaValue, right: LuaValue): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  throw new LuaError(`attempt to compare ${typeName(left)} with ${typeName(right)}`);
}

function tableOf(value: LuaValue): LuaTable {
  if (value instanceof LuaTable) return value;
  throw new LuaError(`table expected, got ${typeName(value)}`);
}
