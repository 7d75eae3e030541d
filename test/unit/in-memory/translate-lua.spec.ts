import { describe, expect, it } from 'vitest';
import { redisOf } from '../../../lib/in-memory/lua/replies.js';
import { runtime } from '../../../lib/in-memory/lua/runtime.js';
import { LuaTable, type LuaValue } from '../../../lib/in-memory/lua/values.js';
import { translateLua } from '../../../scripts/support/translate-lua.mjs';

/** Runs a script, and gives all it returns; tables as arrays. */
function run(source: string, argv: readonly string[] = []): unknown[] {
  // what the build writes into a module
  // oxlint-disable-next-line typescript/no-implied-eval
  const script = new Function(`return ${translateLua(source)}`)() as (...args: unknown[]) => LuaValue[];
  const redis = redisOf((name) => name);
  return script(runtime, redis, new LuaTable(), new LuaTable(argv)).map(plain);
}

function plain(value: LuaValue): unknown {
  return value instanceof LuaTable ? value.items().map(plain) : value;
}

describe('a translated script', () => {
  it.each<[string, string, unknown[]]>([
    ['counts from 1 and includes the end', 'local t = {} for i = 1, 5, 2 do t[#t + 1] = i end return t', [[1, 3, 5]]],
    [
      'knows only nil and false as untrue',
      "return 0 and 'a', '' and 'b', nil or 'c', false or 'd'",
      ['a', 'b', 'c', 'd'],
    ],
    ['looks at the right side only when it must', "return nil and error('no'), 1 or error('no')", [undefined, 1]],
    ['gives all values of a call at the end of a list, else one', f('return f(), f()'), [1, 1, 2]],
    ['takes one value where one is meant', f('local a, b = f() return a, b, (f())'), [1, 2, 1]],
    ['takes all values of an only argument, or one', f('local function g(a, b) return a, b end return g(f())'), [1, 2]],
    [
      'takes one value of an argument in parentheses',
      f('local function g(a, b) return a, b end return g((f()))'),
      [1, undefined],
    ],
    ['lets a name be declared again, from its old value', 'local a = 1 local a = a + 1 return a', [2]],
    [
      'keeps inner names apart from outer ones',
      'local a = 1 do local a = 2 end if true then local a = 3 end return a',
      [1],
    ],
    ['swaps', 'local a, b = 1, 2 a, b = b, a return a, b', [2, 1]],
    ['reckons with texts that are numbers', "return '10' + 5, '3' * '4', -'2'", [15, 12, -2]],
    ['tells a text from a number that reads alike', "return '1' == 1, '1' == '1', 1 ~= '1'", [false, true, true]],
    [
      'loses digits above 14 where Lua does',
      'return 1732345678901234 .. "", tostring(12345)',
      ['1.7323456789012e+15', '12345'],
    ],
    [
      'writes them all where Lua does',
      "return string.format('%.0f %016.0f', 1732345678901234, 42)",
      ['1732345678901234 0000000000000042'],
    ],
    ['leaves a loop', 'local n = 0 while true do n = n + 1 if n == 3 then break end end return n', [3]],
    [
      'walks a list up to its first hole',
      'local n = 0 for _, v in ipairs({ 1, 2, nil, 4 }) do n = n + v end return n',
      [3],
    ],
    [
      'calls methods that a table was given',
      'local t = {} function t.twice(n) return 2 * n end return t.twice(4)',
      [8],
    ],
    [
      'goes on after an error that it caught',
      "local fine, said = pcall(error, 'broken') return fine, said",
      [false, 'broken'],
    ],
  ])('%s', (_, source, expected) => {
    expect(run(source)).toEqual(expected);
  });

  it.each<[string, string, unknown[]]>([
    ['captures', "return string.match('12 ab', '^(%d+) (%a+)$')", ['12', 'ab']],
    ['positions', "return string.match('12 ab', '^(%d+) ()', 1)", ['12', 4]],
    ['nothing', "return string.match('ab', '%d')", [undefined]],
    ['from a place on', "return string.match('ab12', '^%d+', 3)", ['12']],
    ['sets and their opposite', "return string.match('a,b\\nc', '[^,]+$'), string.match('a b', '%S+')", ['b\nc', 'a']],
    ['as little as it can', "return string.match('<a><b>', '<(.-)>')", ['a']],
    ['what is special elsewhere, as it is', "return string.match('a.b|c{2}', 'b|c{2}')", ['b|c{2}']],
    [
      'one after the other',
      "local t = {} for a, b in string.gmatch('a1 b2', '(%a)(%d)') do t[#t + 1] = b .. a end return t",
      [['1a', '2b']],
    ],
  ])('matches %s', (_, source, expected) => {
    expect(run(source)).toEqual(expected);
  });

  it('has its arguments, as bytes', () => {
    expect(run("return #ARGV[1], '\\0\\1' == ARGV[2]", ['Ã¤', '\0\x01'])).toEqual([2, true]);
  });

  it.each([
    ['a global that is not ours', 'return os.time()', 'line 1: os'],
    ['a method call', "return ('a'):rep(2)", 'MemberExpression'],
    ['a global of its own', '\nx = 1', 'line 2: x'],
    ['goto’s neighbour, repeat', 'repeat local a = 1 until true', 'RepeatStatement'],
  ])('is refused with its line: %s', (_, source, said) => {
    expect(() => translateLua(source)).toThrow(said);
  });

  it('is refused a pattern that is not translated', () => {
    expect(() => run("return string.match('a', '%b()')")).toThrow('not translated');
  });
});

function f(rest: string): string {
  return `local function f() return 1, 2 end ${rest}`;
}
