import { createHash } from 'node:crypto';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadScript } from '../../../lib/member/script.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'majority-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes files, then loads `main.lua` with the include folders `own/` and `shared/`. */
function load(files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const url = (name: string): URL => pathToFileURL(join(folder, name));
  return loadScript(url('main.lua'), [url('own/'), url('shared/')]);
}

const include = (name: string): string => `--- @include "${name}"`;

describe('loadScript', () => {
  it('names a script after its file, with the SHA-1 of its text as EVALSHA wants it', () => {
    const script = load({ 'main.lua': 'return 1\n' });
    expect(script.name).toBe('main');
    expect(script.source).toBe('return 1\n');
    expect(script.sha).toBe(createHash('sha1').update('return 1\n').digest('hex'));
  });

  it('puts an include in place of its line', () => {
    const { source } = load({
      'main.lua': `-- head\n${include('one')}\nreturn one()\n`,
      'own/one.lua': 'local one = 1\n',
    });
    expect(source).toBe('-- head\nlocal one = 1\nreturn one()\n');
  });

  it('takes an include from the first folder that has it', () => {
    const { source } = load({
      'main.lua': `${include('one')}\n${include('two')}\n`,
      'own/one.lua': 'own one',
      'shared/one.lua': 'shared one',
      'shared/two.lua': 'shared two',
    });
    expect(source).toBe('own one\nshared two\n');
  });

  it('puts in once, before its first user, what several files include', () => {
    const { source } = load({
      'main.lua': `${include('a')}\n${include('b')}\n${include('base')}\nreturn a + b`,
      'own/a.lua': `${include('base')}\na`,
      'own/b.lua': `${include('base')}\nb`,
      'shared/base.lua': 'base',
    });
    expect(source.split('\n').filter((line) => line !== '')).toEqual(['base', 'a', 'b', 'return a + b']);
  });

  it('does not take a line in the middle of text for an include', () => {
    const text = `return '${include('one')}'`;
    expect(load({ 'main.lua': text }).source).toBe(text);
  });

  it('refuses an include that nobody has, by name', () => {
    expect(() => load({ 'main.lua': include('ghost') })).toThrow('Lua include not found: ghost');
  });

  it('refuses includes that include each other, with the way round', () => {
    const files = { 'main.lua': include('a'), 'own/a.lua': include('b'), 'own/b.lua': include('a') };
    expect(() => load(files)).toThrow('Lua include cycle: a -> b -> a');
    expect(() => load({ 'main.lua': include('self'), 'own/self.lua': include('self') })).toThrow('self -> self');
  });
});
