import { existsSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { filesBelow, read, root } from '../support/repository.js';
import { allBlocks, blocksOf, pages } from './support/blocks.js';

const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>> & { name: string };
const scripts = manifest['scripts']!;
const patches = filesBelow('test/safeguards');
const allTests = filesBelow('test').filter((file) => file.endsWith('.spec.ts'));
const projects = [...read('vitest.config.ts').matchAll(/(?:kind|onDist|inBrowser)\('([\w-]+)'/g)].map(
  ([, name]) => name,
);

/** Lines of shell, but for those of the tutorial, which are all typed by `tutorial.spec.ts`. */
const lines = [...allBlocks('sh').filter(({ page }) => page !== 'docs/start.md'), ...blocksOf('CONTRIBUTING.md')]
  .filter(({ language }) => language === 'sh')
  .flatMap(({ page, code }) =>
    code
      .trim()
      .split('\n')
      .map((line) => [page, line.replace(/ +# .*$/, '')] as const),
  );

const words = (text: string): string[] =>
  [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);

/** What a test runner is told to run has to be there. */
function canBeTested(args: string): void {
  const [first, second] = words(args);
  if (first === '-t') expect(allTests.some((file) => read(file).includes(second!))).toBe(true);
  else if (first === '--project') expect(projects).toContain(second);
  else expect(existsSync(root + first)).toBe(true);
}

const canBeInstalled = (names: string): void => {
  const known = [manifest.name, ...Object.keys({ ...manifest['peerDependencies'], ...manifest['devDependencies'] })];
  expect(known).toEqual(expect.arrayContaining(words(names)));
};

/** The same on few seeds, in this process, as starting another one takes longer than that. */
async function simulates(args: string): Promise<void> {
  const few = args.replace(/--seeds \d+/, '--seeds 2');
  const bounded = few.includes('--seed') ? few : `${few} --seeds 2`;
  const { argv, exitCode } = process;
  using log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  using _ = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    process.argv = [...argv.slice(0, 2), ...words(bounded)];
    vi.resetModules();
    await import('../simulation/cli.js');
    expect(process.exitCode).toBe(0);
  } finally {
    process.argv = argv;
    process.exitCode = exitCode;
  }
  const said = log.mock.calls.map(([line]) => String(line));
  if (args.includes('--trace')) expect(said.filter((line) => line.includes('EVALSHA')).length).toBeGreaterThan(0);
  else expect(said.at(-1)).toBe('No invariant was violated.');
}

/** How each kind of line is tried. What takes long is only looked at. */
const tried: readonly (readonly [RegExp, (rest: string) => void | Promise<void>])[] = [
  [/^npm (start|test)$/, (script) => expect(Object.keys(scripts)).toContain(script)],
  [/^npm install (.+)$/, canBeInstalled],
  [/^npm run sim(?: --)?(.*)$/, simulates],
  [/^npm run bench$/, () => expect(Object.keys(scripts)).toContain('bench')],
  [
    /^npm run bench -- --row (.+)$/,
    (rows) => {
      const names = filesBelow('bench/rows').flatMap((file) => [...read(file).matchAll(/\bname: '([\w-]+)'/g)]);
      expect(names.map(([, name]) => name)).toEqual(expect.arrayContaining(rows.split(',')));
    },
  ],
  [
    /^npm run verify:safeguards(?: -- )?(.*)$/,
    (names) => {
      const unknown = words(names).filter(
        (name) => !patches.some((file) => file.startsWith(`test/safeguards/${name}`)),
      );
      expect(unknown).toEqual([]);
    },
  ],
  [
    /^npm run test:servers(?: -- (\S+))?(?: .*)?$/,
    (server) => {
      if (server) expect(read('scripts/support/tested-servers.mjs')).toContain(`'${server}'`);
    },
  ],
  [/^(?:REDIS_SERVER=\S+ )?npm test(?: -- (.+))?$/, (args) => args && canBeTested(args)],
  [/^npx vitest (.+)$/, canBeTested],
  [/^(\.ci\/run)$/, (file) => expect(existsSync(root + file)).toBe(true)],
];

describe('commands of README, CONTRIBUTING and docs', () => {
  it.each(lines)('%s: %s', async (_, line) => {
    const [pattern, attempt] = tried.find(([each]) => each.test(line)) ?? [];
    if (pattern === undefined) throw new Error(`nothing tries: ${line}`);
    await attempt!(pattern.exec(line)![1] ?? '');
  });

  it('names no npm script that there is not', () => {
    const named = [...pages, 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md'].flatMap((page) =>
      [...read(page).matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, script]) => `${page}: ${script}`),
    );
    const known = [...Object.keys(scripts), ...Object.keys(JSON.parse(read('bench/package.json')).scripts)];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.includes(name.split(': ')[1]!))).toEqual([]);
  });
});
