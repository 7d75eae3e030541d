import { expect, it } from 'vitest';
import { listOf } from '../../../lib/quorum/walk-names.js';

it('an error calls a list by its things, and by the prefix if there is one', () => {
  expect(listOf('keys', '')).toBe('list of keys');
  expect(listOf('keys', 'seat:')).toBe('list of keys "seat:"');
});
