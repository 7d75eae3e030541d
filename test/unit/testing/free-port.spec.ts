import { expect, it } from 'vitest';
import { freePort } from '../../../lib/testing/free-port.js';

it('gives nobody a port that another may be about to listen on', async () => {
  const ports = new Set<number>();
  for (let count = 0; count < 600; count++) ports.add(await freePort());
  expect(ports.size).toBe(600);
});
