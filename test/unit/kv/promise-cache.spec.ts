import { describe, expect, it } from 'vitest';
import { PromiseCache, type Promised } from '../../../lib/kv/promise-cache.js';
import { nothing } from '../../../lib/kv/register.js';

function promisedWith(text: string): Promised {
  return { ballot: 5, base: { ...nothing, value: { kind: 'S', text } }, members: [] };
}

/** So that what was put before stands in the older half. */
function fillHalf(cache: PromiseCache): void {
  for (let key = 0; key < 23_000; key++) cache.put(`${key}`, promisedWith('1'));
}

describe('remembered promises', () => {
  it('are each given once: a promise is good for one accept', () => {
    const cache = new PromiseCache();
    const promised = promisedWith('1');
    cache.put('a', promised);
    expect(cache.take('a')).toBe(promised);
    expect(cache.take('a')).toBeUndefined();
  });

  it.each([
    [1, 'v'.repeat(100), 40_000],
    [1, 'v'.repeat(4000), 6808],
    [4, 'v'.repeat(100), 10_000],
  ])(
    'are of what fits into 32 MB, shared by %i caches, and of the last half of that at least',
    (caches, text, most) => {
      const cache = new PromiseCache(caches);
      for (let key = 0; key < 3 * most; key++) cache.put(`${key}`, promisedWith(text));
      const known = Array.from({ length: 3 * most }, (_, key) => cache.take(`${key}`) !== undefined);
      expect(known.filter(Boolean).length).toBeLessThanOrEqual(most);
      expect(known.lastIndexOf(false)).toBeLessThanOrEqual(2.5 * most);
    },
  );

  it('are kept of a key that is seldom written while others are written much', () => {
    const cache = new PromiseCache();
    cache.put('seldom', promisedWith('1'));
    for (let write = 0; write < 200_000; write++) {
      cache.take(`${write % 100}`);
      cache.put(`${write % 100}`, promisedWith('1'));
    }
    expect(cache.take('seldom')).toBeDefined();
  });

  it('are forgotten once a later write was seen, in either half of the cache, and not for what was seen before', () => {
    const cache = new PromiseCache();
    const wrote = (ballot: number): Promised => ({ ballot: ballot + 1, base: { ...nothing, ballot }, members: [] });
    for (const key of ['old', 'kept']) cache.put(key, wrote(7));
    fillHalf(cache);
    cache.put('young', wrote(7));
    for (const key of ['old', 'young', 'unknown']) cache.drop(key, { ...nothing, ballot: 8 });
    cache.drop('kept', { ...nothing, ballot: 7 });
    expect(['old', 'young', 'kept'].map((key) => cache.take(key) !== undefined)).toEqual([false, false, true]);
  });

  it('are of the last write of a key', () => {
    const cache = new PromiseCache();
    const [first, last] = [promisedWith('1'), promisedWith('2')];
    cache.put('a', first);
    fillHalf(cache);
    cache.put('a', last);
    expect(cache.take('a')).toBe(last);
    expect(cache.take('a')).toBeUndefined();
  });

  it('are not of long values, which would cost more memory than they save time', () => {
    const cache = new PromiseCache();
    cache.put('short', promisedWith('v'.repeat(4096)));
    cache.put('long', promisedWith('v'.repeat(4097)));
    expect(cache.take('short')).toBeDefined();
    expect(cache.take('long')).toBeUndefined();
  });
});
