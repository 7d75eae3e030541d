// npm test [-- vitest arguments]: all tests, on real Redis servers that the tests start themselves
import { rmSync } from 'node:fs';
import { ensureBuilt } from './support/build.mjs';
import { ensureInstalled } from './support/install.mjs';
import { testResults } from './support/paths.mjs';
import { ensureRedisServer } from './support/redis-server.mjs';
import { run } from './support/run.mjs';

await ensureInstalled();
await ensureBuilt('lib');
await ensureBuilt('sample');
await ensureRedisServer();
rmSync(testResults, { force: true });
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${testResults}`];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...process.argv.slice(2)];
process.exit(await run(process.execPath, vitest));
