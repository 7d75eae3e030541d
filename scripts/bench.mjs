// npm run bench [-- rows]: speed beside the floor and the peers, which bench/ installs for itself
import { ensureBuilt } from './support/build.mjs';
import { ensureInstalled } from './support/install.mjs';
import { root } from './support/paths.mjs';
import { ensureRedisServer } from './support/redis-server.mjs';
import { run } from './support/run.mjs';

await ensureInstalled();
await ensureBuilt('lib');
await ensureRedisServer();
await ensureInstalled(`${root}bench/`);
const args = ['run', '--silent', 'bench', '--', ...process.argv.slice(2)];
process.exit(await run('npm', args, { cwd: `${root}bench/` }));
