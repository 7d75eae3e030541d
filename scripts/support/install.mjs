import { statSync } from 'node:fs';
import { fail } from './fail.mjs';
import { root } from './paths.mjs';
import { mustRun } from './run.mjs';

const oldestNode = [20, 19];

/** Installs a folder's dependencies when they are missing or older than its package-lock.json. */
export async function ensureInstalled(folder = root) {
  refuseOldNode();
  const lock = modified(`${folder}package-lock.json`);
  const installed = modified(`${folder}node_modules/.package-lock.json`);
  if (installed !== undefined && (lock === undefined || installed >= lock)) return;
  console.error(`Installing dependencies of ${folder} …`);
  await mustRun('npm', [lock === undefined ? 'install' : 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
  });
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  fail(`Node ${oldestNode.join('.')} or newer is needed, this is ${process.versions.node}.`);
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
