// node scripts/tool.mjs NAME [ARGS…]: runs an installed tool (oxlint, prettier, tsc), installing dependencies if missing
import { ensureInstalled } from './support/install.mjs';
import { root } from './support/paths.mjs';
import { mustRun } from './support/run.mjs';

const [name, ...args] = process.argv.slice(2);

await ensureInstalled();
await mustRun(`${root}node_modules/.bin/${name}`, args);
