import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

const clock = [
  'setTimeout(() => {}, 1);',
  'setInterval(() => {}, 1);',
  'setImmediate(() => {});',
  'performance.now();',
  'Date.now();',
  'AbortSignal.timeout(1);',
  "import { setTimeout as later } from 'node:timers/promises'; await later(1);",
];
const random = ['Math.random();', 'crypto.randomUUID();', "import { randomUUID } from 'node:crypto'; randomUUID();"];
const ioredis = [
  "import { Redis } from 'ioredis'; new Redis();",
  "import type { Redis } from 'ioredis'; export type R = Redis;",
];
const nest = ["import { Injectable } from '@nestjs/common'; Injectable();"];
const opentelemetry = ["import { trace } from '@opentelemetry/api'; trace.disable();"];
const own = (...files: string[]): string[] => files.map((file) => `import '${file}';`);

/** What each folder of lib must not contain, and the like of it that it may. */
const folders: Record<string, { refused: string[]; allowed: string[] }> = {
  lib: {
    refused: [...clock, ...random, ...ioredis, ...nest, ...own('./testing/index.js')],
    allowed: own('./lock/lock.js', './nest/index.js', './quorum/group.js'),
  },
  'lib/options': {
    refused: [
      ...clock,
      ...random,
      ...ioredis,
      ...nest,
      ...own('../runtime/clock.js', '../lock/lock.js', '../index.js'),
    ],
    allowed: own('../errors.js'),
  },
  'lib/runtime': {
    refused: [...ioredis, ...nest, ...own('../member/member.js', '../quorum/group.js', '../testing/index.js')],
    allowed: [...clock, ...random],
  },
  'lib/member': {
    refused: [
      ...clock,
      ...random,
      ...nest,
      ...own('../quorum/group.js', '../lock/lock.js', '../kv/kv.js', '../connect.js'),
    ],
    allowed: [...ioredis, ...own('../runtime/clock.js', '../errors.js')],
  },
  'lib/quorum': {
    refused: [
      ...clock,
      ...random,
      ...opentelemetry,
      ...ioredis,
      ...nest,
      ...own('../lock/lock.js', '../kv/kv.js', '../nest/index.js', '../in-memory/index.js', '../index.js'),
    ],
    allowed: own('../runtime/clock.js', '../member/member.js'),
  },
  'lib/kv': {
    refused: [
      ...clock,
      ...random,
      ...opentelemetry,
      ...ioredis,
      ...nest,
      ...own('../lock/lock.js', '../nest/index.js', '../connect.js'),
    ],
    allowed: own('../quorum/group.js'),
  },
  'lib/lock': {
    refused: [
      ...clock,
      ...random,
      ...opentelemetry,
      ...ioredis,
      ...nest,
      ...own('../kv/kv.js', '../nest/index.js', '../connect.js', '../index.js'),
    ],
    allowed: [...own('../quorum/group.js'), "import { createHash } from 'node:crypto'; createHash('sha1');"],
  },
  'lib/nest': {
    refused: [
      ...clock,
      ...random,
      ...opentelemetry,
      ...ioredis,
      ...own('../testing/index.js', '../dashboard/index.js', '../microservices/index.js', '../index.js'),
      "import '@nestjs/microservices';",
    ],
    allowed: [...nest, ...own('../connect.js', '../lock/lock.js')],
  },
  'lib/microservices': {
    refused: [...clock, ...random, ...ioredis, ...own('../testing/index.js', '../dashboard/index.js', '../index.js')],
    allowed: [...nest, ...own('../nest/running-consumer.js', '../queue/queue.js'), "import '@nestjs/microservices';"],
  },
  'lib/dashboard': {
    refused: [...clock, ...random, ...ioredis, ...own('../testing/index.js', '../index.js', './page/main.js')],
    allowed: [...nest, ...own('../connect.js', '../nest/index.js', '../lock/lock.js')],
  },
  'lib/dashboard/page': {
    refused: [
      ...ioredis,
      ...nest,
      ...own('../poll.js', '../../lock/lock.js', 'node:fs'),
      "document.body.innerHTML = '<b>text</b>';",
    ],
    allowed: [...own('../wire.js', './dom.js'), 'setTimeout(() => {}, 1);', 'Date.now();'],
  },
  'lib/in-memory': {
    refused: [...clock, ...random, ...ioredis, ...own('../testing/index.js', '../health/index.js', '../index.js')],
    allowed: [...nest, ...own('../connect.js', '../member/transport.js', '../nest/index.js')],
  },
  'lib/health': {
    refused: [
      ...clock,
      ...random,
      ...opentelemetry,
      ...ioredis,
      ...own('../testing/index.js', '../in-memory/index.js', '../index.js'),
    ],
    allowed: [...nest, ...own('../nest/index.js', '../quorum/group-status.js')],
  },
  'lib/telemetry': {
    refused: [...clock, ...random, ...ioredis, ...own('../testing/index.js', '../health/index.js', '../index.js')],
    allowed: [...nest, ...opentelemetry, ...own('../nest/group.registry.js', '../lock/lock.service.js')],
  },
  'lib/testing': {
    refused: [
      ...ioredis,
      ...nest,
      ...own('../runtime/clock.js', '../lock/lock.js', '../in-memory/index.js', '../index.js'),
    ],
    allowed: [...clock, ...random],
  },
};

const cases = Object.entries(folders).flatMap(([folder, { refused, allowed }]) => [
  ...refused.map((code) => ({ folder, code, expected: 'refuses' as const })),
  ...allowed.map((code) => ({ folder, code, expected: 'allows' as const })),
]);

describe('lint rules', () => {
  let folder: string;
  let complaints: Map<string, string>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lint-rules-'));
    await cp(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    await cp(join(root, 'tsconfig.json'), join(folder, 'tsconfig.json'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [index, { folder: place, code }] of cases.entries()) await plant(`${place}/planted-${index}.ts`, code);
    await plant('lib/lock/forgotten.ts', 'declare function later(): Promise<void>;\nlater();');
    await plant('lib/lock/any.ts', 'export const anything: any = 1;');
    await plant('lib/lock/circle-a.ts', "export { b } from './circle-b.js';\nexport const a = 1;");
    await plant('lib/lock/circle-b.ts', "export { a } from './circle-a.js';\nexport const b = 1;");
    complaints = lint();
  });

  afterAll(() => rm(folder, { recursive: true }));

  async function plant(path: string, code: string): Promise<void> {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${code}\n`);
  }

  /** Rule by file. */
  function lint(): Map<string, string> {
    const oxlint = join(root, 'node_modules/.bin/oxlint');
    const { stdout } = spawnSync(oxlint, ['--type-aware', '--format', 'json', 'lib'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] };
    return new Map(diagnostics.map(({ filename, code }) => [filename, code]));
  }

  it.each(cases.map((planted, index) => ({ ...planted, index })))('$expected in $folder: $code', (planted) => {
    const rule = complaints.get(`${planted.folder}/planted-${planted.index}.ts`) ?? 'nothing';
    if (planted.expected === 'refuses') expect(rule).toMatch(/^eslint\(no-restricted-(imports|globals|properties)\)$/);
    else expect(rule).toBe('nothing');
  });

  it('refuses a promise that nobody waits for', () => {
    expect(complaints.get('lib/lock/forgotten.ts')).toBe('typescript(no-floating-promises)');
  });

  it('refuses `any`', () => {
    expect(complaints.get('lib/lock/any.ts')).toBe('typescript(no-explicit-any)');
  });

  it('refuses files that import each other in a circle', () => {
    expect(complaints.get('lib/lock/circle-a.ts')).toBe('import(no-cycle)');
  });
});
