import { relative } from 'node:path';
import { expect } from 'vitest';

/**
 * The seed of the running test: `SEED` of the environment, else a new one. Prints it with the command that repeats it.
 *
 * @example const random = seededRandom(testSeed());
 */
export function testSeed(): number {
  const given = process.env['SEED'];
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  if (!Number.isSafeInteger(seed)) throw new Error(`SEED must be a whole number, got "${given}"`);
  console.log(`seed=${seed}  repeat: ${repeatCommand(seed)}`);
  return seed;
}

function repeatCommand(seed: number): string {
  const { testPath = '', currentTestName = '' } = expect.getState();
  const name = currentTestName.split(' > ').at(-1) ?? '';
  return `SEED=${seed} npm test -- ${relative(process.cwd(), testPath)} -t '${name.replaceAll("'", '.')}'`;
}

export { seededRandom } from './random.js';
