import { describe, expect, it } from 'vitest';
import { PromiseCache, type Promised } from '../../../lib/kv/promise-cache.js';
import { nothing } from '../../../lib/kv/register.js';

function promisedWith(text: string): Promised {
  return { ballot: 5, base: { ...nothing, value: { kind: 'S', text } }, members: new Map() };
}

describe('remembered promises', () => {
  it('are each given once: a promise is good for one accept', () => {
    const cache = new PromiseCache();
    const promised = promisedWith('1');
    cache.put('a', promised);
    expect(cache.take('a')).toBe(promised);
    expect(cache.take('a')).toBeUndefined();
  });

  it('are of the last 10,000 keys', () => {
    const cache = new PromiseCache();
    for (let key = 0; key <= 10_000; key++) cache.put(`${key}`, promisedWith('1'));
    expect(cache.take('0')).toBeUndefined();
    expect(cache.take('1')).toBeDefined();
    expect(cache.take('10000')).toBeDefined();
  });

  it('are not of long values, which would cost more memory than they save time', () => {
    const cache = new PromiseCache();
    cache.put('short', promisedWith('v'.repeat(4096)));
    cache.put('long', promisedWith('v'.repeat(4097)));
    expect(cache.take('short')).toBeDefined();
    expect(cache.take('long')).toBeUndefined();
  });
});
