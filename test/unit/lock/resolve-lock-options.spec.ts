import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../../lib/errors.js';
import { checkKey } from '../../../lib/options/checks.js';
import {
  checkKeys,
  lockDefaults,
  resolveLockModuleOptions,
  resolveLockOptions,
} from '../../../lib/lock/resolve-lock-options.js';
import { refusalOf } from '../../support/refusal-of.js';

const module = resolveLockModuleOptions();
const day = 86_400_000;

describe('lock options of the module', () => {
  it('have a default each', () => {
    expect(module).toEqual(lockDefaults);
    expect(resolveLockModuleOptions({ ttl: undefined, mode: undefined })).toEqual(lockDefaults);
    expect(Object.isFrozen(module)).toBe(true);
  });

  it.each([
    ['ttl', 50, 60_000],
    ['waitFor', 0, day],
    ['maxHold', 0, 30 * day],
    ['minHold', 0, 60_000],
    ['ttlMax', 50, day],
    ['fenceRetention', 60_000, 30 * day],
    ['pollInterval', 50, 2000],
  ])('%s may be %i to %i and nothing beyond', (option, min, max) => {
    for (const value of [min, max])
      expect(resolveLockModuleOptions({ [option]: value })).toMatchObject({ [option]: value });
    for (const value of [min - 1, max + 1, min + 0.5, String(min), Number.NaN, null]) {
      const error = refusalOf(() => resolveLockModuleOptions({ [option]: value } as never));
      expect(error.option).toBe(`lock.${option}`);
      expect(error.allowed).toBe(`a whole number of ms from ${min} to ${max}`);
      expect(error.given).toBe(typeof value === 'string' ? `"${value}"` : String(value));
    }
  });

  it('a default ttl never exceeds a ttlMax that was given, but a given one is refused', () => {
    expect(resolveLockModuleOptions({ ttlMax: 5000 })).toMatchObject({ ttl: 5000, ttlMax: 5000 });
    expect(refusalOf(() => resolveLockModuleOptions({ ttlMax: 5000, ttl: 6000 })).option).toBe('lock.ttl');
  });

  it('name an option that does not exist', () => {
    expect(refusalOf(() => resolveLockModuleOptions({ timeout: 5 } as never)).message).toMatch(
      /^lock must be an object with ttl, .*, got "timeout"$/,
    );
    expect(refusalOf(() => resolveLockModuleOptions({ signal: undefined } as never)).given).toBe('"signal"');
  });
});

describe('lock options of a call', () => {
  it('stand before those of the module, where they are given', () => {
    const own = resolveLockModuleOptions({ ttl: 2000, mode: 'shared', minHold: 100 });
    expect(resolveLockOptions(own, { ttl: 3000, waitFor: undefined })).toEqual({
      ttl: 3000,
      waitFor: 0,
      autoExtend: true,
      mode: 'shared',
      maxHold: 0,
      minHold: 100,
      signal: undefined,
    });
    expect(resolveLockOptions(own, undefined)).toMatchObject({ ttl: 2000, mode: 'shared', minHold: 100 });
  });

  it.each([
    ['ttl', 50, 60_000],
    ['waitFor', 0, day],
    ['maxHold', 0, 30 * day],
    ['minHold', 0, 60_000],
  ])('%s may be %i to %i and nothing beyond', (option, min, max) => {
    for (const value of [min, max])
      expect(resolveLockOptions(module, { [option]: value })).toMatchObject({ [option]: value });
    for (const value of [min - 1, max + 1, min + 0.5, '100', Infinity, null, {}]) {
      const error = refusalOf(() => resolveLockOptions(module, { [option]: value } as never));
      expect(error).toMatchObject({ option, allowed: `a whole number of ms from ${min} to ${max}` });
    }
  });

  it('a ttl above the module ttlMax is refused', () => {
    const own = resolveLockModuleOptions({ ttlMax: 1000 });
    expect(refusalOf(() => resolveLockOptions(own, { ttl: 1001 })).allowed).toBe(
      'a whole number of ms from 50 to 1000',
    );
    expect(refusalOf(() => resolveLockOptions(own, { minHold: 1001 })).option).toBe('minHold');
  });

  it.each([
    ['autoExtend', 'yes', 'true or false'],
    ['mode', 'write', `'exclusive' or 'shared'`],
    ['signal', {}, 'an AbortSignal'],
    ['signal', null, 'an AbortSignal'],
  ])('%s may not be %j', (option, value, allowed) => {
    expect(refusalOf(() => resolveLockOptions(module, { [option]: value } as never))).toMatchObject({
      option,
      allowed,
    });
  });

  it.each(['ttlMax', 'fenceRetention', 'pollInterval', 'timeout'])('may not have %s', (option) => {
    expect(refusalOf(() => resolveLockOptions(module, { [option]: 60_000 } as never)).given).toBe(`"${option}"`);
  });

  it('throw the reason of a signal that is aborted already', () => {
    const reason = new Error('the request was closed');
    expect(() => resolveLockOptions(module, { signal: AbortSignal.abort(reason) })).toThrow(reason);
  });

  it('refuse random junk with InvalidOptionsError and nothing else', () => {
    const option = fc.constantFrom(...Object.keys(lockDefaults), 'signal', 'junk', '__proto__', 'constructor');
    const junk = fc.dictionary(option, fc.oneof(fc.anything(), fc.integer(), fc.string()));
    fc.assert(
      fc.property(fc.oneof(junk, fc.anything()), (options) => {
        for (const resolve of [resolveLockModuleOptions, (given: object) => resolveLockOptions(module, given)]) {
          try {
            resolve(options as object);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidOptionsError);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a lock key', () => {
  it.each(['a', ' ', 'x'.repeat(512), 'seat:{1}', 'schlüssel', '鍵', '🔒', 'a b', '*', '..', '__proto__'])(
    'may be %j',
    (key) => {
      expect(checkKey(key)).toBe(key);
      expect(checkKeys(key)).toEqual([key]);
    },
  );

  it.each([
    ['empty', ''],
    ['over 512 characters long', 'x'.repeat(513)],
    ['with a line break', 'a\nb'],
    ['with a zero', 'a\0'],
    ['with a tab', 'a\tb'],
    ['with DEL', 'a\x7f'],
    ['with a lone high surrogate', 'a\ud83d'],
    ['with a lone high surrogate in the middle', '\ud83da'],
    ['with a lone low surrogate', '\udd12'],
    ['with surrogates in the wrong order', '\udd12\ud83d'],
    ['a number', 7],
    ['null', null],
    ['an object', {}],
    ['a boxed string', new String('a')],
  ])('may not be %s', (_, key) => {
    const error = refusalOf(() => checkKey(key));
    expect(error.option).toBe('key');
    expect(error.allowed).toContain('a string of 1 to 512 characters');
    expect(error.message).not.toContain('\n');
    refusalOf(() => checkKeys([key as string]));
  });
});

describe('the keys of one acquisition', () => {
  it('are without repetitions and in one order for all clients, however they are given (S16)', () => {
    const anyOrder = fc.uniqueArray(
      fc.string({ minLength: 1 }).filter((key) => isAllowed(key)),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(anyOrder, fc.integer(), (keys, seed) => {
        const rotated = [...keys.slice(Math.abs(seed) % keys.length), ...keys, keys[0]!];
        expect(checkKeys(rotated)).toEqual(checkKeys(keys));
        expect(new Set(checkKeys(rotated))).toEqual(new Set(keys));
      }),
    );
    expect(checkKeys(['b', 'a', 'B', 'a'])).toEqual(['B', 'a', 'b']);
  });

  it('may be 1 to 64', () => {
    const many = Array.from({ length: 65 }, (_, i) => `key-${i}`);
    expect(checkKeys(many.slice(0, 64))).toHaveLength(64);
    expect(refusalOf(() => checkKeys(many))).toMatchObject({ option: 'keys', given: 'an array of 65' });
    expect(refusalOf(() => checkKeys([]))).toMatchObject({ option: 'keys', given: 'an array of 0' });
  });

  it.each([[null], [undefined], [7], [{ length: 1, 0: 'a' }], [new Set(['a'])]])('may not be %o', (keys) => {
    expect(refusalOf(() => checkKeys(keys as never)).option).toBe('keys');
  });

  it('may not have holes', () => {
    // oxlint-disable-next-line no-sparse-arrays
    expect(refusalOf(() => checkKeys(['a', , 'b'] as string[])).option).toBe('key');
  });

  it('refuse random junk with InvalidOptionsError and nothing else, and take only what each key may be', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.anything()))), (keys) => {
        try {
          for (const key of checkKeys(keys as string[])) expect(isAllowed(key)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidOptionsError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function isAllowed(key: unknown): boolean {
  try {
    return checkKey(key) === key;
  } catch {
    return false;
  }
}
