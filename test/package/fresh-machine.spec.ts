import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { read } from '../support/repository.js';

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const entries = [...new Set(Object.values(scripts).flatMap((command) => command.match(/scripts\/[\w-]+\.mjs/g) ?? []))];

/** What a script loads before its first line runs. */
function staticImportsOf(file: string): string[] {
  return [...read(file).matchAll(/^(?:import|export) (?:[^;]*? from )?'([^']+)';$/gms)].map(([, name]) => name!);
}

/** What of it must be installed, with the file that asks for it; `import()` comes after installing, and may. */
function packagesNeededBy(entry: string): string[] {
  const seen = new Set<string>();
  const needed: string[] = [];
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const name of staticImportsOf(file)) {
      if (name.startsWith('.')) visit(normalize(join(dirname(file), name)));
      else if (!name.startsWith('node:')) needed.push(`${file}: ${name}`);
    }
  };
  visit(entry);
  return needed;
}

describe('on a fresh machine', () => {
  it('every npm script starts without anything installed, as it installs that itself', () => {
    expect(entries).toContain('scripts/start.mjs');
    expect(staticImportsOf('scripts/support/build.mjs').length).toBeGreaterThan(1);
    expect(entries.flatMap(packagesNeededBy)).toEqual([]);
  });
});
