import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { buildPage } from './build-page.mjs';
import { buildFolder, root } from './paths.mjs';
import { mustRun } from './run.mjs';

const targets = {
  lib: {
    project: [],
    output: 'dist/index.js',
    inputs: ['lib', 'scripts/support', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', 'package-lock.json'],
    complete: () => Promise.all([buildPage(), translateScripts()]),
  },
  sample: {
    project: ['sample'],
    output: '.build/sample/main.js',
    inputs: ['sample/src', 'lib', 'tsconfig.json', 'tsconfig.sample.json', 'nest-cli.json', 'package-lock.json'],
  },
};

/** On a fresh machine what it needs is not installed before this runs. */
async function translateScripts() {
  const { writeTranslatedScripts } = await import('./translated-scripts.mjs');
  await writeTranslatedScripts();
}

/** Builds `lib` or `sample` with Nest's own builder, unless what it is made of has not changed since the last build. */
export async function ensureBuilt(target) {
  const { project, output, inputs, complete } = targets[target];
  const fingerprint = fingerprintOf(inputs);
  const stamp = `${buildFolder}${target}.stamp`;
  if (existsSync(root + output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) return;
  console.error(`Building ${target} …`);
  rmSync(stamp, { force: true });
  await mustRun(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build', ...project]);
  await complete?.();
  mkdirSync(buildFolder, { recursive: true });
  writeFileSync(stamp, fingerprint);
}

/** One hash over the names and contents of all files below the given paths. */
function fingerprintOf(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesOf).sort()) {
    hash.update(`${file}\0`).update(readFileSync(root + file));
  }
  return hash.digest('hex');
}

function filesOf(path) {
  const kind = statSync(root + path, { throwIfNoEntry: false });
  if (kind === undefined) return [];
  if (kind.isFile()) return [path];
  return readdirSync(root + path).flatMap((name) => filesOf(`${path}/${name}`));
}
