import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesBelow, read } from '../support/repository.js';

const lib = filesBelow('lib');
const sources = lib.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
/** Made by the build, so there is no source of it. */
const generated = 'lib/in-memory/translated-scripts.ts';
/** What others import, and what the build of the dashboard begins with. */
const entryPoints = [
  ...[...read('package.json').matchAll(/"\.\/dist\/(.+)\.js"/g)].map(([, name]) => `lib/${name}.ts`),
  'lib/dashboard/page/main.ts',
];
const scripts = lib.filter((file) => file.endsWith('.lua'));
const handWritten = [
  'lib',
  'sample',
  'test',
  'scripts',
  'bench',
  'docs',
  '.ci',
  'README.md',
  'CONTRIBUTING.md',
].flatMap(filesBelow);
const code = handWritten.filter((file) => /\.(ts|mjs|lua)$/.test(file));

const allCode = sources.map(read).join('\n');
const allLua = scripts.map(read).join('\n');
const baseName = (file: string): string => file.slice(file.lastIndexOf('/') + 1, -'.lua'.length);

describe('house rules', () => {
  it('finds the files they are about', () => {
    expect(sources).toContain('lib/errors.ts');
    expect(entryPoints).toContain('lib/index.ts');
    expect(scripts.length).toBeGreaterThan(0);
  });

  it('every Lua script begins with what it promises', () => {
    expect(scripts.filter((file) => !read(file).startsWith('--[[ '))).toEqual([]);
  });

  it('every Lua command is loaded by TypeScript', () => {
    const commands = scripts.filter((file) => !file.includes('/include/'));
    const isLoaded = (name: string): boolean => allCode.includes(`'${name}'`) || allCode.includes(`lua/${name}.lua`);
    expect(commands.filter((file) => !isLoaded(baseName(file)))).toEqual([]);
  });

  it('every Lua include is included, and every inclusion has its file', () => {
    const includes = scripts.filter((file) => file.includes('/include/')).map(baseName);
    const included = [...allLua.matchAll(/^ *--- @include "(.+)"$/gm)].map(([, name]) => name!);
    expect(includes.filter((name) => !included.includes(name))).toEqual([]);
    expect(included.filter((name) => !includes.includes(name))).toEqual([]);
  });

  it('every file of lib is reached from an entry point', () => {
    const reached = reachableFrom(entryPoints);
    expect(sources.filter((file) => !reached.has(file))).toEqual([]);
  });

  it('every error code has an entry in docs/reference/errors.md', () => {
    const codes = [...read('lib/errors.ts').matchAll(/readonly code = '([A-Z_]+)'/g)].map(([, name]) => name!);
    expect(codes.length).toBeGreaterThan(0);
    const entries = [...read('docs/reference/errors.md').matchAll(/^#+ .*$/gm)].map(([heading]) => heading);
    expect(codes.filter((name) => !entries.some((heading) => heading.includes(name)))).toEqual([]);
  });

  it('every file but a list of tests has fewer than 400 lines', () => {
    const isLong = (file: string): boolean => read(file).split('\n').length > 400;
    expect(code.filter((file) => !file.endsWith('.spec.ts') && isLong(file))).toEqual([]);
  });

  it('nothing is left for later in comments', () => {
    const later = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
    expect(handWritten.filter((file) => later.test(read(file)))).toEqual([]);
  });

  it('no test or script waits by sleeping where it could look', () => {
    const sleep = /await (pause|sleep|delay)\(\d{3,}\)/;
    expect(code.filter((file) => file.startsWith('test/') && sleep.test(read(file)))).toEqual([]);
  });

  it('names no place that packages are downloaded from', () => {
    const locks = ['package-lock.json', 'bench/package-lock.json'].flatMap(filesBelow);
    expect(locks.filter((file) => read(file).includes('"resolved"'))).toEqual([]);
    const registry = /https?:\/\/[^\s/"']*(registry|mirror|proxy)[^\s/"']*\./i;
    expect(handWritten.filter((file) => registry.test(read(file)))).toEqual([]);
  });

  it('no compiled file lies beside its source, where imports would find it first', () => {
    const all = new Set(handWritten);
    const compiled = handWritten.filter((file) => /(\.js|\.d\.ts)$/.test(file));
    expect(compiled.filter((file) => all.has(file.replace(/(\.js|\.d\.ts)$/, '.ts')))).toEqual([]);
  });
});

/** All files that the given ones import, directly or through others. */
function reachableFrom(entries: string[]): Set<string> {
  const reached = new Set<string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file) || file === generated) continue;
    reached.add(file);
    for (const [, target] of read(file).matchAll(/(?:from|import)\s+'(\.[^']+)\.js'/g)) {
      waiting.push(join(dirname(file), `${target}.ts`));
    }
  }
  return reached;
}
