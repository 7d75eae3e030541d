import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('returns what the condition returns once it holds', async () => {
    let looks = 0;
    expect(await eventually(() => (++looks === 3 ? `look ${looks}` : undefined), { every: 1 })).toBe('look 3');
  });

  it('takes 0 and the empty string for a condition that holds', async () => {
    expect(await eventually(() => 0)).toBe(0);
    expect(await eventually(async () => '')).toBe('');
  });

  it('goes on while the condition throws', async () => {
    let looks = 0;
    await eventually(() => expect(++looks).toBe(2) ?? true, { every: 1 });
    expect(looks).toBe(2);
  });

  it('gives up after its bound and tells what was seen last', async () => {
    const failed = eventually(() => Promise.reject(new Error('still dark')), { within: 20, every: 1 });
    await expect(failed).rejects.toThrow('not within 20 ms: still dark');
    await expect(eventually(() => false, { within: 0 })).rejects.toThrow('the condition was false');
  });
});
