// npm run verify:safeguards [-- S03 S07]: takes each safeguard out of a copy of the tree and demands that its test fails
//
// test/safeguards/S<nn>-<name>.patch begins with
//   # safeguard: <what it keeps from happening>
//   # caught by: <vitest arguments, for example test/faults/rejoin.spec.ts -t 'keeps a second holder out'>
// and goes on with a unified diff against lib/.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { ensureBuilt } from './support/build.mjs';
import { fail } from './support/fail.mjs';
import { ensureInstalled } from './support/install.mjs';
import { root } from './support/paths.mjs';
import { ensureRedisServer } from './support/redis-server.mjs';
import { CopiedTree } from './support/copied-tree.mjs';
import { splitArguments } from './support/split-arguments.mjs';

const folder = `${root}test/safeguards/`;
const wanted = process.argv.slice(2);

const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.patch')) : [];
const patches = names.sort().filter((name) => wanted.length === 0 || wanted.some((prefix) => name.startsWith(prefix)));
if (patches.length === 0) fail(`No safeguard to verify: no matching S<nn>-<name>.patch in ${folder}`);

await ensureInstalled();
await ensureBuilt('lib');
await ensureRedisServer();

const tree = new CopiedTree();
const baseline = new Map();
const rows = [];
try {
  for (const name of patches) rows.push(verify(name));
} finally {
  tree.remove();
}

console.log('');
for (const { name, safeguard, verdict, detail } of rows) {
  console.log(`${verdict.padEnd(10)} ${name.replace('.patch', '').padEnd(36)} ${safeguard}`);
  if (detail) console.log(detail.replace(/^/gm, '             '));
}
const bad = rows.filter(({ verdict }) => verdict !== 'caught');
console.log(`\n${rows.length - bad.length} of ${rows.length} safeguards are missed by a test when they are gone.`);
process.exit(bad.length === 0 ? 0 : 1);

function verify(name) {
  const text = readFileSync(folder + name, 'utf8');
  const safeguard = header(text, 'safeguard');
  const caughtBy = header(text, 'caught by');
  const result = (verdict, detail) => ({ name, safeguard: safeguard ?? '', verdict, detail });
  if (!/^S\d\d-[a-z0-9-]+\.patch$/.test(name)) return result('misnamed', 'Expected S<nn>-<name>.patch');
  if (!safeguard || !caughtBy) return result('no header', 'Expected lines `# safeguard: …` and `# caught by: …`');
  console.error(`${name}: without it, ${caughtBy} …`);
  tree.reset();
  const args = splitArguments(caughtBy);
  // the tests must pass with the safeguard in place, or their failing later would prove nothing
  const before = baseline.get(caughtBy) ?? tree.test(args);
  baseline.set(caughtBy, before);
  if (before.verdict !== 'passed') return result('no proof', `With the safeguard in place: ${before.detail}`);
  const refusal = tree.apply(folder + name) ?? tree.build();
  if (refusal) return result('unusable', refusal);
  const after = tree.test(args);
  if (after.verdict === 'failed') return result('caught', after.detail);
  return result(after.verdict === 'passed' ? 'NOT CAUGHT' : 'no proof', after.detail);
}

function header(text, key) {
  return new RegExp(`^# ${key}: *(.+)$`, 'm').exec(text)?.[1].trim();
}
