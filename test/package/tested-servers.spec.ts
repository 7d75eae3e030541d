import { expect, it } from 'vitest';
import { testedServers } from '../../scripts/support/tested-servers.mjs';
import { read } from '../support/repository.js';

it('the guide tells of each server that the tests are run on, where it comes from, and whether it is refused', () => {
  const rows = [...read('docs/guides/operations.md').matchAll(/^\| `([a-z]+-\d+\.\d+(?:-[a-z]+)?)` .*$/gm)];
  expect(rows.map(([, name]) => name)).toEqual(testedServers.map(({ name }) => name));
  for (const [index, [row]] of rows.entries()) {
    const { suites, package: wanted, npm, isRefused = false } = testedServers[index]!;
    const origin = npm ? npm.package.replace(/@[^@]+$/, '') : `${wanted}\` of Debian ${suites.at(-1)} `;
    expect(row).toContain(`\`${origin}`);
    expect(row.includes('refused at start'), row).toBe(isRefused);
  }
});
