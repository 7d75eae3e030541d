import { describe, expect, it } from 'vitest';
import { PromiseCache, type Promised } from '../../../lib/kv/promise-cache.js';
import { nothing } from '../../../lib/kv/register.js';

function promisedWith(text: string): Promised {
  return { ballot: 5, base: { ...nothing, value: { kind: 'S', text } }, members: [] };
}

describe('remembered promises', () => {
  it('are each given once: a promise is good for one accept', () => {
    const cache = new PromiseCache();
    const promised = promisedWith('1');
    cache.put('a', promised);
    expect(cache.take('a')).toBe(promised);
    expect(cache.take('a')).toBeUndefined();
  });

  it('are of at most 10,000 keys, and of the last 5,000 at least', () => {
    const cache = new PromiseCache();
    for (let key = 0; key <= 20_000; key++) cache.put(`${key}`, promisedWith('1'));
    const known = Array.from({ length: 20_001 }, (_, key) => cache.take(`${key}`) !== undefined);
    expect(known.filter(Boolean).length).toBeLessThanOrEqual(10_000);
    expect(known.lastIndexOf(false)).toBeLessThan(20_001 - 5000);
  });

  it('are forgotten once a later write was seen, in either half of the cache, and not for what was seen before', () => {
    const cache = new PromiseCache();
    const wrote = (ballot: number): Promised => ({ ballot: ballot + 1, base: { ...nothing, ballot }, members: [] });
    for (const key of ['old', 'kept']) cache.put(key, wrote(7));
    for (let key = 0; key < 5000; key++) cache.put(`${key}`, promisedWith('1'));
    cache.put('young', wrote(7));
    for (const key of ['old', 'young', 'unknown']) cache.drop(key, { ...nothing, ballot: 8 });
    cache.drop('kept', { ...nothing, ballot: 7 });
    expect(['old', 'young', 'kept'].map((key) => cache.take(key) !== undefined)).toEqual([false, false, true]);
  });

  it('are of the last write of a key', () => {
    const cache = new PromiseCache();
    const [first, last] = [promisedWith('1'), promisedWith('2')];
    cache.put('a', first);
    for (let key = 0; key < 5000; key++) cache.put(`${key}`, promisedWith('1'));
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
