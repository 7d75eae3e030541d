// npm run test:soak [-- strikes]: the workloads of key-value store and queue under faults for long (default 300 strikes,
// about 15 minutes each)
import { ensureBuilt } from './support/build.mjs';
import { ensureInstalled } from './support/install.mjs';
import { ensureRedisServer } from './support/redis-server.mjs';
import { fail } from './support/fail.mjs';
import { run } from './support/run.mjs';

const strikes = process.argv[2] ?? '300';
if (!/^[1-9]\d{0,5}$/.test(strikes)) fail(`strikes must be a whole number from 1 to 999999, got "${strikes}"`);
await ensureInstalled();
await ensureBuilt('lib');
await ensureRedisServer();
process.env.SOAK_STRIKES = strikes;
const specs = ['test/faults/kv-linearizable.spec.ts', 'test/faults/queue-rolling.spec.ts'];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...specs];
process.exit(await run(process.execPath, vitest));
