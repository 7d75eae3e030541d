import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../../lib/errors.js';
import type { GroupOptions } from '../../../lib/quorum/group-options.js';
import { groupDefaults, resolveGroupOptions } from '../../../lib/quorum/resolve-group-options.js';

const nodes = ['redis://a', 'redis://b', 'redis://c'];

function resolve(options: object, alsoKnown?: readonly string[]) {
  return resolveGroupOptions({ nodes, ...options } as GroupOptions, alsoKnown);
}

/** The refusal of some options; fails when they are taken or refused in another way. */
function refusalOf(options: object): InvalidOptionsError {
  try {
    resolve(options);
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(options)} was taken`);
}

describe('group options', () => {
  it('have a default each, and the number of nodes as group size', () => {
    expect(resolve({})).toEqual({ nodes, ...groupDefaults, groupSize: 3 });
    expect(resolve({ name: undefined, groupSize: undefined })).toEqual({ nodes, ...groupDefaults, groupSize: 3 });
  });

  it('cannot be changed once resolved', () => {
    expect(Object.isFrozen(resolve({}))).toBe(true);
  });

  it.each([
    ['requestTimeout', 10, 1000],
    ['maxOperationTime', 1000, 60_000],
    ['connectTimeout', 100, 600_000],
    ['maxInFlight', 16, 1_000_000],
  ])('%s may be %i to %i', (option, min, max) => {
    expect(resolve({ [option]: min })).toMatchObject({ [option]: min });
    expect(resolve({ [option]: max })).toMatchObject({ [option]: max });
  });

  it('maxOperationTime may be 100 for a requestTimeout of half of it', () => {
    expect(resolve({ maxOperationTime: 100, requestTimeout: 50 })).toMatchObject({ maxOperationTime: 100 });
  });

  it.each([
    ['requestTimeout', 9],
    ['requestTimeout', 1001],
    ['requestTimeout', '500'],
    ['maxOperationTime', 99],
    ['maxOperationTime', 60_001],
    ['maxOperationTime', 1500.5],
    ['connectTimeout', 99],
    ['connectTimeout', 600_001],
    ['maxInFlight', 15],
    ['maxInFlight', 1_000_001],
    ['groupSize', 0],
    ['groupSize', 100],
    ['groupSize', 2.5],
    ['name', ''],
    ['name', 'a b'],
    ['name', 'a\n'],
    ['name', 'x'.repeat(65)],
    ['name', 7],
    ['keyPrefix', ''],
    ['keyPrefix', 'a:b'],
    ['keyPrefix', '{a}'],
    ['keyPrefix', 'a*'],
    ['keyPrefix', null],
    ['onMajorityRestart', 'Merge'],
    ['onMajorityRestart', true],
  ])('%s may not be %j, and the message says so', (option, value) => {
    const error = refusalOf({ [option]: value });
    expect(error.option).toBe(option);
    expect(error.message).toBe(`${option} must be ${error.allowed}, got ${error.given}`);
    expect(error.given).toContain(String(value).slice(0, 20).split('\n')[0]);
  });

  it('requestTimeout may be half of maxOperationTime at most, which the message names', () => {
    expect(refusalOf({ maxOperationTime: 800, requestTimeout: 401 }).allowed).toBe(
      'a whole number of ms from 10 to 400',
    );
  });

  it.each(['a', 'A.b_c-9', 'x'.repeat(64)])('name and keyPrefix may be %s', (text) => {
    expect(resolve({ name: text, keyPrefix: text })).toMatchObject({ name: text, keyPrefix: text });
  });

  it.each([[undefined], [null], [[]], ['redis://a'], [{ 0: 'redis://a', length: 1 }]])(
    'nodes may not be %j',
    (given) => {
      expect(refusalOf({ nodes: given }).option).toBe('nodes');
    },
  );

  it('a client may know fewer members than groupSize, but at least a quorum', () => {
    expect(resolve({ groupSize: 5 })).toMatchObject({ groupSize: 5 });
    expect(refusalOf({ groupSize: 6 }).message).toBe('nodes must be 4 to 6 nodes for a groupSize of 6, got 3');
    expect(refusalOf({ groupSize: 2 }).message).toBe('nodes must be 2 to 2 nodes for a groupSize of 2, got 3');
  });

  it('names an option that does not exist, unless another part knows it', () => {
    expect(refusalOf({ requestTimeoutMs: 5 }).given).toBe('"requestTimeoutMs"');
    expect(resolve({ lock: {} }, ['lock'])).not.toHaveProperty('lock');
  });

  it.each([[undefined], [null], [7], ['redis://a'], [[]]])('may not be %j altogether', (options) => {
    expect(() => resolveGroupOptions(options as unknown as GroupOptions)).toThrow(InvalidOptionsError);
  });

  it('refuse random junk with InvalidOptionsError and nothing else', () => {
    const option = fc.constantFrom(
      ...Object.keys(groupDefaults),
      'nodes',
      'groupSize',
      'junk',
      '__proto__',
      'toString',
    );
    const junk = fc.dictionary(option, fc.oneof(fc.anything(), fc.integer(), fc.string()));
    fc.assert(
      fc.property(fc.oneof(junk, fc.anything()), (options) => {
        try {
          resolveGroupOptions(options as GroupOptions);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidOptionsError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
