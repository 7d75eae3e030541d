import { describe, expect, it } from 'vitest';
import { ContendedKeys } from '../../../lib/lock/contended-keys.js';
import { VirtualClock } from '../../support/virtual-clock.js';

describe('ContendedKeys', () => {
  it('remembers a key for a second after it was last noted', async () => {
    const clock = new VirtualClock();
    const keys = new ContendedKeys(clock);
    keys.note('a');
    await clock.advance(600);
    keys.note('a');
    await clock.advance(999);
    expect(keys.has('a')).toBe(true);
    expect(keys.has('b')).toBe(false);
    await clock.advance(1);
    expect(keys.has('a')).toBe(false);
  });

  it('forgets the oldest of more than ten thousand', () => {
    const keys = new ContendedKeys(new VirtualClock());
    for (let index = 0; index <= 10_000; index++) keys.note(String(index));
    expect(keys.has('0')).toBe(false);
    expect(keys.has('1')).toBe(true);
    expect(keys.has('10000')).toBe(true);
  });
});
