// npm run test:soak [-- minutes]: locks, values and queue under faults for long, each for so many minutes (default 15);
// ends with a report in .build/soak/, as text and as a page
import { mkdirSync, rmSync } from 'node:fs';
import { ensureBuilt } from './support/build.mjs';
import { fail } from './support/fail.mjs';
import { ensureInstalled } from './support/install.mjs';
import { buildFolder } from './support/paths.mjs';
import { ensureRedisServer } from './support/redis-server.mjs';
import { run } from './support/run.mjs';
import { readReports, tableOf, writePage } from './support/soak-page.mjs';

const minutes = process.argv[2] ?? '15';
if (!/^\d{1,5}(\.\d+)?$/.test(minutes) || Number(minutes) === 0) {
  fail(`minutes must be a number above 0 and below 100000, got "${minutes}"`);
}
await ensureInstalled();
await ensureBuilt('lib');
await ensureRedisServer();
const folder = `${buildFolder}soak/`;
rmSync(folder, { recursive: true, force: true });
// there is a report also of a run that ended before its first
mkdirSync(folder, { recursive: true });
process.env.SOAK_MINUTES = minutes;
process.env.SOAK_REPORTS = folder;
const specs = ['rolling-faults', 'kv-linearizable', 'queue-rolling'].map((name) => `test/faults/${name}.spec.ts`);
const code = await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...specs]);
const reports = readReports(folder);
console.log(`\n${tableOf(reports)}\n\nPage: ${writePage(folder, reports)}`);
process.exit(code);
