import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { read, root } from '../support/repository.js';

const run = promisify(execFile);
const typedoc = JSON.parse(read('typedoc.json')) as { entryPoints: string[] };
const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, string | { default: string }> };

describe('the API reference', () => {
  it('is of every entry point', () => {
    const entries = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.default]));
    const sources = entries.map((file) => file.replace('./dist/', 'lib/').replace(/\.js$/, '.ts'));
    expect(typedoc.entryPoints.toSorted()).toEqual(sources.toSorted());
  });

  it('can be made, and misses no docstring and no link', { timeout: 120_000 }, async () => {
    // it ends with another code than 0 for any warning
    const { stdout } = await run('node', ['scripts/tool.mjs', 'typedoc', '--emit', 'none'], { cwd: root });
    expect(stdout).not.toMatch(/warning|error/i);
  });
});
