import { describe, expect, it } from 'vitest';
import { slotOf, tagOf } from '../../../lib/member/key-slot.js';

describe('the slot of a key', () => {
  // as CLUSTER KEYSLOT of Redis 7.0 tells them
  it.each([
    ['123456789', 12739],
    ['foo', 12182],
    ['', 0],
    ['schlüssel-🔒', 5812],
    ['{user1000}.following', 3443],
    ['{user1000}.followers', 3443],
    ['user1000', 3443],
    ['foo{}{bar}', 8363],
    ['foo{{bar}}zap', 4015],
    ['foo{bar}{zap}', 5061],
    ['bar', 5061],
  ])('of %j is %i', (key, slot) => {
    expect(slotOf(key)).toBe(slot);
  });

  it.each([
    ['{a}b', 'a'],
    ['x{a}{b}', 'a'],
    ['x{{a}}', '{a'],
    ['{}a', undefined],
    ['{}{a}', undefined],
    ['a{', undefined],
    ['}a{b', undefined],
    ['a', undefined],
  ])('is that of the tag of %j: %j', (key, tag) => {
    expect(tagOf(key)).toBe(tag);
  });
});
