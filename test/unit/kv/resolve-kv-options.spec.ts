import { describe, expect, it } from 'vitest';
import {
  checkDeleteOptions,
  checkSetOptions,
  checkTtl,
  kvDefaults,
  resolveKvOptions,
} from '../../../lib/kv/resolve-kv-options.js';
import { refusalOf } from '../../support/refusal-of.js';

const day = 86_400_000;

describe('key-value options of the module', () => {
  it('have a default each', () => {
    expect(resolveKvOptions()).toEqual(kvDefaults);
    expect(resolveKvOptions({ timeout: undefined })).toEqual(kvDefaults);
    expect(Object.isFrozen(resolveKvOptions())).toBe(true);
  });

  it.each([
    ['maxValueBytes', 1, 16_777_216],
    ['timeout', 100, 10_000],
    ['sweepInterval', 100, 3_600_000],
    ['fenceRetention', 60_000, 30 * day],
    ['pollInterval', 50, 60_000],
  ])('%s may be %i to %i and nothing beyond', (option, min, max) => {
    for (const value of [min, max]) expect(resolveKvOptions({ [option]: value })).toMatchObject({ [option]: value });
    for (const value of [min - 1, max + 1, min + 0.5, String(min), Number.NaN, null]) {
      const error = refusalOf(() => resolveKvOptions({ [option]: value } as never));
      expect(error.option).toBe(`kv.${option}`);
      expect(error.allowed).toContain(`from ${min} to ${max}`);
    }
  });

  it('name an option that does not exist, and a codec that is none', () => {
    expect(refusalOf(() => resolveKvOptions({ ttl: 5 } as never)).given).toBe('"ttl"');
    for (const codec of [null, {}, { encode: () => '' }, 'json']) {
      const error = refusalOf(() => resolveKvOptions({ codec } as never));
      expect(error.option).toBe('kv.codec');
      expect(error.allowed).toBe('an object with encode() and decode()');
    }
  });
});

describe('options of a set', () => {
  it('are taken as they are when they are right', () => {
    const options = { ttl: 1, ifPresent: true, ifVersion: 0, guard: { token: 1 } };
    expect(checkSetOptions(options)).toBe(options);
    expect(checkSetOptions()).toEqual({});
  });

  it.each([
    ['ttl', { ttl: 0 }],
    ['ttl', { ttl: 1.5 }],
    ['ifAbsent', { ifAbsent: 'yes' }],
    ['ifPresent', { ifPresent: 1 }],
    ['ifAbsent', { ifAbsent: true, ifPresent: true }],
    ['ifVersion', { ifVersion: -1 }],
    ['guard', { guard: null }],
    ['guard', { guard: { token: 0 } }],
    ['guard', { guard: { token: '1' } }],
    ['options', { nx: true }],
  ])('refuse a wrong %s: %j', (option, options) => {
    expect(refusalOf(() => checkSetOptions(options as never)).option).toBe(option);
  });

  it('last ten years at most', () => {
    expect(checkTtl(3650 * day)).toBe(3650 * day);
    expect(refusalOf(() => checkTtl(3650 * day + 1)).option).toBe('ttl');
  });
});

describe('options of a delete', () => {
  it('are a version and a guard, nothing else', () => {
    const options = { ifVersion: 5, guard: { token: 7 } };
    expect(checkDeleteOptions(options)).toBe(options);
    expect(refusalOf(() => checkDeleteOptions({ ttl: 5 } as never)).given).toBe('"ttl"');
    expect(refusalOf(() => checkDeleteOptions({ guard: { token: 1.5 } })).option).toBe('guard');
  });
});
