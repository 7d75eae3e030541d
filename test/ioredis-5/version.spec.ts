import { Redis } from 'ioredis';
import { expect, it } from 'vitest';

it('runs these tests on ioredis 5: that major knows no RESP3', () => {
  expect(new Redis({ lazyConnect: true }).options).not.toHaveProperty('protocol');
});
