/** What a Lua variable may hold. Strings carry one byte a character, as Redis stores bytes. */
export type LuaValue = undefined | boolean | number | string | LuaTable | LuaFunction;

/** Takes and gives lists of values. */
export type LuaFunction = (...args: LuaValue[]) => LuaValue[];

/** What `error` and a refused command throw; `value` is what `pcall` gives. */
export class LuaError extends Error {
  constructor(readonly value: LuaValue) {
    const message = value instanceof LuaTable ? value.get('err') : value;
    super(typeof message === 'string' ? message : typeName(message));
  }
}

/** A Lua table. `length` is kept up to date, as scripts append by it. */
export class LuaTable {
  private readonly entries = new Map<LuaValue, LuaValue>();
  private border = 0;

  /** @param list items from 1 on; @param named further entries */
  constructor(list: readonly LuaValue[] = [], named: readonly (readonly [LuaValue, LuaValue])[] = []) {
    list.forEach((value, index) => this.set(index + 1, value));
    for (const [key, value] of named) this.set(key, value);
  }

  /** Items 1 to `length` are there. */
  get length(): number {
    return this.border;
  }

  get(key: LuaValue): LuaValue {
    return this.entries.get(key);
  }

  set(key: LuaValue, value: LuaValue): void {
    if (value === undefined) {
      this.entries.delete(key);
      if (typeof key === 'number' && key >= 1 && key <= this.border) this.border = key - 1;
      return;
    }
    this.entries.set(key, value);
    if (key === this.border + 1) while (this.entries.has(this.border + 1)) this.border += 1;
  }

  /** Items 1 to `length`. */
  items(): LuaValue[] {
    return Array.from({ length: this.border }, (_, index) => this.entries.get(index + 1));
  }

  pairs(): IterableIterator<[LuaValue, LuaValue]> {
    return this.entries.entries();
  }
}

export function truthy(value: LuaValue): boolean {
  return value !== undefined && value !== false;
}

/** A number, or text that is one, as Lua's arithmetic takes it. @throws LuaError for anything else */
export function number(value: LuaValue): number {
  const converted = toNumber(value);
  if (converted === undefined) throw new LuaError(`attempt to perform arithmetic on a ${typeName(value)} value`);
  return converted;
}

/** @returns undefined when it is no number, nor text that is one in decimal or hexadecimal digits */
export function toNumber(value: LuaValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const isNumber = /^\s*[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|0x[\da-f]+)\s*$/i.test(value);
  return isNumber ? Number(value) : undefined;
}

/** Text as Lua's `..` and `tostring` make it of a number: 14 digits, the others are lost. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e14) return String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const [digits, exponent] = value.toPrecision(14).split('e');
  const short = digits!.includes('.') ? digits!.replace(/\.?0+$/, '') : digits!;
  return exponent === undefined ? short : `${short}e${exponent.replace(/^([-+])(\d)$/, '$10$2')}`;
}

export function typeName(value: LuaValue): string {
  if (value === undefined) return 'nil';
  return value instanceof LuaTable ? 'table' : typeof value;
}
