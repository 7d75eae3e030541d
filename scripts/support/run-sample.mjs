import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { ensureRedisServer } from './redis-server.mjs';
import { run } from './run.mjs';

/** Sets up whatever is missing, runs one entry of the built sample and ends with its exit code. */
export async function runSample(entry) {
  await ensureInstalled();
  await ensureBuilt('lib');
  await ensureBuilt('sample');
  // with servers of one's own none has to be found here
  if (!process.env.REDIS_NODES) await ensureRedisServer();
  const code = await run(process.execPath, [
    '--enable-source-maps',
    `.build/sample/${entry}`,
    ...process.argv.slice(2),
  ]);
  process.exit(code);
}
