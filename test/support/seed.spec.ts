import { afterEach, describe, expect, it, vi } from 'vitest';
import { seededRandom, testSeed } from './seed.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('seeds', () => {
  it('prints the seed and a command that repeats the test', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    vi.stubEnv('SEED', '4711');
    expect(testSeed()).toBe(4711);
    expect(log).toHaveBeenCalledWith(
      "seed=4711  repeat: SEED=4711 npm test -- test/support/seed.spec.ts -t 'prints the seed and a command that repeats the test'",
    );
  });

  it('refuses a seed that is no number', () => {
    vi.stubEnv('SEED', 'lucky');
    expect(() => testSeed()).toThrow('SEED must be a whole number, got "lucky"');
  });

  it('gives the same numbers for the same seed, and others for another', () => {
    const draw = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(3).every((n) => n >= 0 && n < 1)).toBe(true);
  });
});
