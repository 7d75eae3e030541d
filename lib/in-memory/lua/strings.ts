import { compilePattern, type Pattern } from './patterns.js';
import { LuaError, number, numberText, type LuaFunction, type LuaValue } from './values.js';

/** What of Lua's `string` library our scripts use. */
export const string = {
  sub(value, from, to = -1) {
    const own = text(value);
    const start = position(number(from), own.length);
    const end = position(number(to), own.length);
    return [own.slice(Math.max(start, 1) - 1, Math.max(end, 0))];
  },
  rep: (value, count) => [text(value).repeat(Math.max(0, number(count)))],
  match(value, pattern, from = 1) {
    const compiled = compilePattern(text(pattern));
    const found = search(compiled, text(value), position(number(from), text(value).length) - 1);
    return found ? captures(compiled, found) : [undefined];
  },
  gmatch(value, pattern) {
    const compiled = compilePattern(text(pattern));
    const own = text(value);
    let from = 0;
    const next: LuaFunction = () => {
      const found = from <= own.length ? search(compiled, own, from) : undefined;
      if (!found) return [undefined];
      from = Math.max(found.index + found[0].length, found.index === from && found[0] === '' ? from + 1 : 0);
      return captures(compiled, found);
    };
    return [next];
  },
  /** Plain text only. */
  find(value, wanted, from = 1, plain = false) {
    if (plain !== true) throw new Error('string.find is translated for plain text only');
    const index = text(value).indexOf(text(wanted), position(number(from), text(value).length) - 1);
    return index < 0 ? [undefined] : [index + 1, index + text(wanted).length];
  },
  format(format, ...values) {
    let next = 0;
    const formatted = text(format).replaceAll(
      /%(0?)(\d*)(\.\d+)?(.)/g,
      (_, zeros: string, width: string, digits, kind) => {
        if (kind === '%') return '%';
        const value = values[next];
        next += 1;
        return formatOne(value, kind as string, digits as string | undefined).padStart(Number(width), zeros || ' ');
      },
    );
    return [formatted];
  },
} satisfies Record<string, LuaFunction>;

/** A string, or a number as Lua writes it. @throws LuaError for anything else */
export function text(value: LuaValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  throw new LuaError('string expected');
}

function formatOne(value: LuaValue, kind: string, digits: string | undefined): string {
  if (kind === 's' && digits === undefined) return text(value);
  if (kind === 'd' && digits === undefined) return String(Math.trunc(number(value)));
  if (kind === 'f') return number(value).toFixed(Number(digits?.slice(1) ?? 6));
  throw new Error(`%${digits ?? ''}${kind} of string.format is not translated`);
}

/** Counted from 1; from the end when negative. */
function position(given: number, length: number): number {
  return given < 0 ? Math.max(length + given + 1, 1) : given;
}

function search({ expression }: Pattern, value: string, from: number): RegExpExecArray | undefined {
  expression.lastIndex = Math.max(from, 0);
  return expression.exec(value) ?? undefined;
}

function captures({ positions }: Pattern, found: RegExpExecArray): LuaValue[] {
  if (positions.length === 0) return [found[0]];
  return positions.map((isPosition, index) => (isPosition ? found.indices![index + 1]![0] + 1 : found[index + 1]));
}
