import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBoolean, checkKnown, checkOneOf, checkWhole, show } from '../../../lib/options/checks.js';

describe('checkWhole', () => {
  it('takes whole numbers from the least to the most, and no others', () => {
    for (const value of [5, 6, 10]) expect(checkWhole('o', value, 5, 10)).toBe(value);
    for (const value of [4, 11, 5.5, Number.NaN, Infinity, -Infinity, '7', 7n, null, undefined, true, {}, [7]]) {
      expect(() => checkWhole('o', value, 5, 10)).toThrow('o must be a whole number of ms from 5 to 10, got ');
    }
  });
});

describe('checkBoolean', () => {
  it('takes true and false, and nothing that is only like them', () => {
    expect([checkBoolean('o', true), checkBoolean('o', false)]).toEqual([true, false]);
    for (const value of [0, 1, 'true', null, undefined]) {
      expect(() => checkBoolean('o', value)).toThrow('o must be true or false, got ');
    }
  });
});

describe('checkOneOf', () => {
  it('takes the listed words, and lists them when it refuses', () => {
    expect(checkOneOf('o', 'a', ['a', 'b'])).toBe('a');
    expect(() => checkOneOf('o', 'A', ['a', 'b'])).toThrow(`o must be 'a' or 'b', got "A"`);
  });
});

describe('checkKnown', () => {
  it('names an option that does not exist, and those that do', () => {
    expect(() => checkKnown('options', { ttl: 1, tll: 2 }, ['ttl', 'mode'])).toThrow(
      'options must be an object with ttl, mode, got "tll"',
    );
  });

  it.each([[null], [[]], ['text'], [7], [() => undefined]])('refuses %o where an object is due', (value) => {
    expect(() => checkKnown('options', value, [])).toThrow('options must be an object, got ');
  });

  it('takes nothing at all', () => {
    expect(() => checkKnown('options', undefined, [])).not.toThrow();
  });
});

describe('show', () => {
  it.each([
    ['text', '"text"'],
    ['two\nlines', '"two\\nlines"'],
    [{ password: 'secret' }, 'an object'],
    [['secret'], 'an array of 1'],
    [7n, '7'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('secret'), 'a symbol'],
    [() => 'secret', 'a function'],
  ])('%o is %s', (value, text) => {
    expect(show(value)).toBe(text);
  });

  it('is short, on one line, and never fails', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (value) => {
          const text = show(value);
          expect(text).not.toMatch(/[\n\r]/);
          if (typeof value === 'string') expect(text.length).toBeLessThan(42 * 6);
        },
      ),
    );
  });
});
