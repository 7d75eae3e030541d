import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesBelow, root } from '../support/repository.js';

const exec = promisify(execFile);

const entryPoints = ['', '/testing', '/testing/in-memory', '/health', '/telemetry'].map(
  (path) => `nestjs-majority-redis${path}`,
);

// What is packed is dist/ as it was built: `npm test` builds it before.
describe('the packed package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tarball-'));
  const installed = join(folder, 'app/node_modules/nestjs-majority-redis');
  let tarball: string;
  let packed: string[];

  beforeAll(async () => {
    const { stdout } = await exec('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: root,
    });
    const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
    tarball = join(folder, filename);
    packed = files.map(({ path }) => path).sort();
    install();
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** As npm would install it into an application that has the peers. */
  function install(): void {
    mkdirSync(installed, { recursive: true });
    spawnSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
    for (const peer of ['@nestjs', '@opentelemetry', '@types', 'ioredis', 'reflect-metadata', 'rxjs']) {
      symlinkSync(join(root, 'node_modules', peer), join(folder, 'app/node_modules', peer));
    }
    writeFileSync(join(folder, 'app/package.json'), '{ "name": "app", "type": "module" }');
  }

  async function runInApp(file: string, code: string): Promise<unknown> {
    writeFileSync(join(folder, 'app', file), code);
    const { stdout } = await exec(process.execPath, ['--no-warnings', file], { cwd: join(folder, 'app') });
    return JSON.parse(stdout);
  }

  it('holds what was built from lib, the Lua scripts, and the papers: nothing else', () => {
    const isPage = (file: string): boolean => /^(lib|dist)\/dashboard\/page\//.test(file);
    const sources = filesBelow('lib').filter((file) => !isPage(file));
    const built = sources.flatMap((file) => {
      const name = file.replace(/^lib\//, 'dist/');
      // declared by hand, and made by the build
      if (name.endsWith('.d.ts')) return [name.replace(/d\.ts$/, 'js')];
      return name.endsWith('.ts') ? [name.replace(/ts$/, 'js'), name.replace(/ts$/, 'd.ts')] : [name];
    });
    const page = packed.filter(isPage);
    expect(packed).toEqual([...built, ...page, 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'].sort());
    expect(page.map((file) => file.replace(/-[\w-]{8}\./, '-HASH.')).sort()).toEqual([
      'dist/dashboard/page/assets/index-HASH.css',
      'dist/dashboard/page/assets/index-HASH.js',
      'dist/dashboard/page/index.html',
      'dist/dashboard/page/licenses.md',
    ]);
  });

  it('serves the dashboard with all its files', async () => {
    const answers = await runInApp('dashboard.mjs', serveDashboard);
    expect(answers).toEqual({ page: 200, assets: [200, 200] });
  });

  it('has no fault that publint knows', async () => {
    const bytes = readFileSync(tarball);
    const pack = { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) };
    const { messages, pkg } = await publint({ pack, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it('has types that resolve in every way an ES module can be resolved', () => {
    const attw = join(root, 'node_modules/.bin/attw');
    const args = [tarball, '--profile', 'esm-only', '--no-definitely-typed', '--no-emoji', '--no-color'];
    const { status, stdout } = spawnSync(attw, args, { encoding: 'utf8' });
    expect(status, stdout).toBe(0);
  });

  it.each([
    ['import', 'app.mjs', entryPoints.map((name, index) => `import * as entry${index} from '${name}';`).join('\n')],
    ['require', 'app.cjs', entryPoints.map((name, index) => `const entry${index} = require('${name}');`).join('\n')],
  ])('gives its public names by %s', async (_, file, load) => {
    const lists = entryPoints.map((_, index) => `Object.keys(entry${index}).sort()`).join(', ');
    const names = await runInApp(file, `${load}\nconsole.log(JSON.stringify([${lists}]));`);
    expect(names).toEqual([
      expect.arrayContaining(['LockService', 'connectMajorityRedis', 'NoQuorumError']),
      ['findRedisServer', 'startLocalGroup'],
      ['MajorityRedisTestingModule', 'MemoryGroup', 'MemoryMember', 'connectInMemory', 'withInMemoryGroups'],
      ['MajorityRedisHealthIndicator', 'MajorityRedisHealthModule'],
      ['MajorityRedisTelemetryModule', 'instrument'],
    ]);
  });

  it('finds all its Lua scripts, and Redis takes each of them', async () => {
    const loaded = await runInApp('scripts.mjs', loadEveryScript);
    expect(loaded).toEqual(packed.filter((file) => file.endsWith('.lua')));
  });

  it('needs no OpenTelemetry but for its telemetry', async () => {
    const importsTelemetry = (name: string): boolean => name.endsWith('/telemetry');
    const others = entryPoints.filter((name) => !importsTelemetry(name));
    const peer = join(folder, 'app/node_modules/@opentelemetry');
    rmSync(peer);
    const load = (names: string[]): string => names.map((name) => `await import('${name}');`).join('\n');
    try {
      expect(await runInApp('without.mjs', `${load(others)}\nconsole.log('true');`)).toBe(true);
      const telemetry = runInApp('with.mjs', load(entryPoints.filter(importsTelemetry)));
      await expect(telemetry).rejects.toThrow('@opentelemetry/api');
    } finally {
      symlinkSync(join(root, 'node_modules/@opentelemetry'), peer);
    }
  });

  it('takes a lock on real servers', async () => {
    const result = await runInApp('lock.mjs', takeLock);
    expect(result).toEqual({ isHeld: true, outcome: 'released' });
  });

  it('takes a lock in this process, without any server, by translations of its scripts', async () => {
    const result = await runInApp('in-memory.mjs', takeLockInMemory);
    expect(result).toEqual({ isHeld: true, outcome: 'released', message: 'hello' });
  });

  it('compiles into a strict application that checks the declarations too', () => {
    writeFileSync(join(folder, 'app/main.ts'), strictApp);
    writeFileSync(join(folder, 'app/tsconfig.json'), JSON.stringify(strictConfig));
    const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', join(folder, 'app')], {
      encoding: 'utf8',
    });
    const ours = stdout.split('\n').filter((line) => /nestjs-majority-redis|main\.ts/.test(line));
    expect(ours).toEqual([]);
    expect(status, stdout).toBe(0);
  }, 120_000);
});

// Imports every module of the package and notes which .lua files they read; then lets a server compile each command.
const loadEveryScript = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
const dist = new URL('./node_modules/nestjs-majority-redis/dist/', import.meta.url);
const inDist = (file) => String(file instanceof URL ? fileURLToPath(file) : file).replace(fileURLToPath(dist), 'dist/');
const found = new Set();
const { readFileSync } = fs;
fs.readFileSync = (file, ...rest) => {
  const text = readFileSync(file, ...rest);
  if (inDist(file).endsWith('.lua')) found.add(inDist(file));
  return text;
};
syncBuiltinESMExports();
const modules = fs.readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.js'))
  .filter((name) => !name.startsWith('dashboard/page/'));
for (const name of modules) await import(new URL(name, dist).href);
const { loadVotingScript } = await import(new URL('quorum/scripts.js', dist).href);
const { startLocalGroup } = await import('nestjs-majority-redis/testing');
const group = await startLocalGroup({ size: 1 });
for (const file of [...found].filter((file) => !file.includes('/include/'))) {
  const { source, sha } = loadVotingScript(new URL(file.replace('dist/', ''), dist));
  const loaded = await group.members[0].command('SCRIPT', 'LOAD', source);
  if (loaded !== sha) throw new Error(file + ' has another SHA-1 than Redis gives it');
}
await group.stop();
console.log(JSON.stringify([...found].sort()));
`;

const takeLock = `
import { connectMajorityRedis } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
const group = await startLocalGroup({ size: 3 });
const mr = await connectMajorityRedis({ nodes: group.urls });
const lock = await mr.locks.acquire('seat:12');
const { isHeld } = lock;
const outcome = await lock.release();
await mr.close();
await group.stop();
console.log(JSON.stringify({ isHeld, outcome }));
`;

const serveDashboard = `
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MajorityRedisModule } from 'nestjs-majority-redis';
import { MajorityRedisDashboardModule } from 'nestjs-majority-redis/dashboard';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
const group = await startLocalGroup({ size: 1 });
class App {}
Module({
  imports: [MajorityRedisModule.forRoot({ nodes: group.urls }), MajorityRedisDashboardModule.forRoot()],
})(App);
const app = await NestFactory.create(App, { logger: false });
await app.listen(0, '127.0.0.1');
const at = await app.getUrl();
const page = await fetch(at + '/majority');
const links = [...(await page.text()).matchAll(/(?:src|href)="(\\.\\/[^"]+)"/g)].map(([, link]) => new URL(link, at + '/majority'));
const assets = await Promise.all(links.map(async (link) => (await fetch(link)).status));
await app.close();
await group.stop();
console.log(JSON.stringify({ page: page.status, assets }));
`;

const takeLockInMemory = `
import { connectInMemory } from 'nestjs-majority-redis/testing/in-memory';
const mr = await connectInMemory();
const lock = await mr.locks.acquire('seat:12');
const { isHeld } = lock;
const outcome = await lock.release();
await mr.queues.put('greetings', 'hello');
const [{ body: message }] = await mr.queues.get('greetings');
await mr.close();
console.log(JSON.stringify({ isHeld, outcome, message }));
`;

const strictApp = `
import { type Delivery, type Lock, LockService, MajorityRedisModule, QueueConsumer, QueueService } from 'nestjs-majority-redis';
import { MajorityRedisDashboardModule } from 'nestjs-majority-redis/dashboard';
import { MajorityRedisQueueStrategy } from 'nestjs-majority-redis/microservices';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import { connectInMemory, MajorityRedisTestingModule } from 'nestjs-majority-redis/testing/in-memory';
import { MajorityRedisHealthIndicator, MajorityRedisHealthModule } from 'nestjs-majority-redis/health';
import { instrument, MajorityRedisTelemetryModule } from 'nestjs-majority-redis/telemetry';
export const strategy = (queues: QueueService) => new MajorityRedisQueueStrategy({ queues, consumer: { concurrency: 2 } });
export const dashboard = MajorityRedisDashboardModule.forRootAsync({ path: '/ops', useFactory: () => ({ actions: true }) });
export const inMemory = [MajorityRedisTestingModule.forRoot(), connectInMemory] as const;
export const health = [MajorityRedisHealthModule, (indicator: MajorityRedisHealthIndicator) => indicator.isHealthy('redis')] as const;
export const telemetry = [MajorityRedisTelemetryModule.forRoot(), instrument] as const;
export const module = MajorityRedisModule.forRoot({ nodes: ['redis://a', 'redis://b', 'redis://c'] });
export const queues = MajorityRedisModule.registerQueue({ name: 'emails', consumer: { concurrency: 4 } });
export class Mailer {
  @QueueConsumer('emails', { concurrency: 2 })
  async send({ body }: Delivery<{ to: string }>): Promise<string> {
    return body.to;
  }
}
export const take = (locks: LockService): Promise<Lock> => locks.acquire('seat:12');
export const start = startLocalGroup;
`;

const strictConfig = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    experimentalDecorators: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
  },
  files: ['main.ts'],
};
