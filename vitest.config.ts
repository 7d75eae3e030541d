import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { translatedScriptsOfSources } from './scripts/support/translated-scripts.mjs';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * One project per kind of test. `include` names folders below test/. Kinds of one group run side by side; the groups
 * run one after the other, so that the timing of fault tests is not disturbed by others.
 */
function kind(name: string, folders: string[], group: number, maxWorkers: number) {
  return {
    extends: true as const,
    test: {
      name,
      include: folders.map((folder) => `test/${folder}/**/*.spec.ts`),
      maxWorkers,
      sequence: { groupOrder: group },
    },
  };
}

/** The tests of the scripts, run on the member that lives in this process; but not those of what only a server has. */
function scriptsInMemory(group: number, maxWorkers: number) {
  const { extends: base, test } = kind('scripts-in-memory', ['scripts'], group, maxWorkers);
  return { extends: base, test: { ...test, exclude: ['**/membership.spec.ts'], env: { SCRIPTS_ON: 'memory' } } };
}

/** The same tests with the other major of ioredis that users may bring. */
function onIoredis5(name: string, folders: string[], group: number, maxWorkers: number) {
  return {
    ...kind(name, folders, group, maxWorkers),
    resolve: { alias: [{ find: /^ioredis$/, replacement: 'ioredis-5' }] },
  };
}

/** On what was built, as users have it, and as the page is only there: `npm test` builds it before. */
function onDist(name: string, folders: string[], group: number, maxWorkers: number) {
  return {
    ...kind(name, folders, group, maxWorkers),
    resolve: {
      alias: [
        { find: /^nestjs-majority-redis$/, replacement: here('dist/index.js') },
        { find: /^nestjs-majority-redis\/testing\/in-memory$/, replacement: here('dist/in-memory/index.js') },
        { find: /^nestjs-majority-redis\/(\w+)$/, replacement: here('dist/$1/index.js') },
      ],
    },
  };
}

function inBrowser(name: string, folders: string[], group: number, maxWorkers: number) {
  const built = onDist(name, folders, group, maxWorkers);
  return { ...built, test: { ...built.test, globalSetup: ['scripts/support/chromium.mjs'] } };
}

export default defineConfig({
  plugins: [translatedScriptsOfSources()],
  resolve: {
    // tests and sample mean the sources; what is built and packed is the business of test/package
    alias: [
      { find: /^nestjs-majority-redis$/, replacement: here('lib/index.ts') },
      { find: /^nestjs-majority-redis\/dashboard$/, replacement: here('lib/dashboard/index.ts') },
      { find: /^nestjs-majority-redis\/microservices$/, replacement: here('lib/microservices/index.ts') },
      { find: /^nestjs-majority-redis\/testing$/, replacement: here('lib/testing/index.ts') },
      { find: /^nestjs-majority-redis\/testing\/in-memory$/, replacement: here('lib/in-memory/index.ts') },
      { find: /^nestjs-majority-redis\/health$/, replacement: here('lib/health/index.ts') },
      { find: /^nestjs-majority-redis\/telemetry$/, replacement: here('lib/telemetry/index.ts') },
    ],
  },
  test: {
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    projects: [
      kind('unit', ['unit', 'support'], 0, 2),
      kind('scripts', ['scripts'], 0, 2),
      scriptsInMemory(0, 2),
      kind('package', ['package'], 0, 2),
      kind('integration', ['integration'], 1, 2),
      kind('contract', ['contract'], 1, 2),
      kind('nest', ['nest', 'sample'], 1, 2),
      onIoredis5('ioredis-5', ['contract/lock', 'integration/lock', 'ioredis-5'], 1, 2),
      onDist('docs', ['docs'], 1, 2),
      kind('simulation', ['simulation'], 3, 1),
      inBrowser('dashboard', ['dashboard'], 2, 1),
      kind('faults', ['faults'], 2, 1),
    ],
  },
});
