import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { read, root } from '../support/repository.js';

interface ReleaseConfig {
  readonly hooks: { readonly 'before:init': readonly string[] };
  readonly [section: string]: unknown;
}

const config = JSON.parse(read('.release-it.json')) as ReleaseConfig;

it('a release dates what is unreleased in the changelog, raises the version and tags the commit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const run = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const { hooks: _, ...withoutTests } = config;
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const [major, minor] = version.split('.').map(Number);
  const next = `${major}.${minor! + 1}.0`;
  for (const file of ['package.json', 'package-lock.json', 'CHANGELOG.md'])
    writeFileSync(join(folder, file), read(file));
  writeFileSync(join(folder, '.release-it.json'), JSON.stringify(withoutTests));
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  run('git', 'init', '-q', '-b', 'main');
  run('git', 'config', 'user.name', 'somebody');
  run('git', 'config', 'user.email', 'somebody@example.org');
  run('git', 'add', '-A');
  run('git', 'commit', '-q', '-m', 'Before');
  run('node_modules/.bin/release-it', '--ci', 'minor');
  const changelog = readFileSync(join(folder, 'CHANGELOG.md'), 'utf8');
  const headings = [...changelog.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings[0]).toBe('[Unreleased]');
  expect(headings[1]).toMatch(new RegExp(`^\\[${next.replaceAll('.', '\\.')}\\] - \\d{4}-\\d\\d-\\d\\d$`));
  expect(changelog.replace(/^## \[\d.*\n\n/m, '')).toBe(read('CHANGELOG.md'));
  expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toMatchObject({ version: next });
  expect(run('git', 'tag').trim()).toBe(`v${next}`);
  expect(run('git', 'status', '--short')).toBe('');
}, 60_000);

it('nothing is released that does not pass what CI asks for', () => {
  const asked = [...read('.ci/run').matchAll(/^npm (?:run --silent )?(.+)$/gm)].map(([, name]) => name!);
  const steps = asked
    .filter((name) => name !== 'smoke')
    .map((name) => (name === 'test' ? 'npm test' : `npm run ${name}`));
  expect(config.hooks['before:init']).toEqual(steps);
});
