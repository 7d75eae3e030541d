import { expect, it } from 'vitest';
import { FencedResource } from './fenced-resource.js';

it('takes a token again and a higher one, and refuses and remembers a lower one', () => {
  const resource = new FencedResource();
  for (const token of [5, 5, 9]) resource.write(token);
  expect(() => resource.write(8)).toThrow('Token 8 is stale for "resource": a later holder wrote with token 9.');
  expect(resource.accepted).toEqual([5, 5, 9]);
  expect(resource.refused).toEqual([8]);
});
