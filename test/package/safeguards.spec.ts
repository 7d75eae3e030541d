import { spawnSync } from 'node:child_process';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { readSafeguards, withTable, type Safeguard } from '../../scripts/support/safeguards.mjs';
import { filesBelow, read, root } from '../support/repository.js';

const safeguards: readonly Safeguard[] = readSafeguards();
const tests = filesBelow('test').filter((file) => file.endsWith('.spec.ts'));

describe('safeguards', () => {
  it('each say what they keep, what happens without them, and which test of this tree misses them', () => {
    expect(safeguards.length).toBeGreaterThan(30);
    for (const { name, safeguard, stops, caughtBy } of safeguards) {
      expect([safeguard, stops, caughtBy], name).not.toContain(undefined);
      expect(tests, name).toContain(caughtBy!.split(' ')[0]);
    }
  });

  it('can each be taken out of the code as it is', () => {
    for (const { name } of safeguards) {
      const { status, stderr } = spawnSync('git', ['apply', '--check', `test/safeguards/${name}.patch`], {
        cwd: root,
        encoding: 'utf8',
      });
      expect(status, stderr).toBe(0);
    }
  });

  it('stand in their table as they stand in their patches', async () => {
    const page = read('docs/safeguards.md');
    expect(await format(withTable(page, safeguards), { parser: 'markdown' })).toBe(page);
    // a page without a table would be left as it is
    for (const { name } of safeguards) expect(page).toContain(`-- ${name}\``);
  });
});
