import { describe, expect, it } from 'vitest';
import { validityOf } from '../../../lib/quorum/validity.js';

describe('the validity of a lease', () => {
  it.each([
    [50, 47.5],
    [10_000, 9898],
    [60_000, 59_398],
  ])('of %i ms is %d ms: less 1 % and 2 ms', (ttl, validity) => {
    expect(validityOf(ttl)).toBeCloseTo(validity, 9);
  });

  it('ends before the lease does at a member whose clock runs 1 % faster', () => {
    for (const ttl of [50, 1000, 86_400_000]) expect(validityOf(ttl) * 1.01).toBeLessThan(ttl);
  });

  it('leaves time to hold the shortest lock that may be asked for', () => {
    expect(validityOf(50)).toBeGreaterThan(0);
  });
});
