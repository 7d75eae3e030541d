import { describe, expect, it } from 'vitest';
import { stays } from './stays.js';

describe('stays', () => {
  it('returns when the condition held all the time', async () => {
    let looks = 0;
    await stays(() => ++looks > 0, { for: 300, every: 5 });
    expect(looks).toBeGreaterThan(2);
  });

  it('objects at the first look at which the condition does not hold', async () => {
    let looks = 0;
    await expect(stays(async () => ++looks < 3, { for: 1000, every: 1 })).rejects.toThrow(
      /^ended after \d+ of 1000 ms$/,
    );
    expect(looks).toBe(3);
  });

  it('passes on what the condition throws', async () => {
    await expect(stays(() => Promise.reject(new Error('dark')), { for: 10 })).rejects.toThrow('dark');
  });
});
