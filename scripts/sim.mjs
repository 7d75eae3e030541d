// npm run sim [-- --seeds 1000 --seed N --workload lock|kv|queue --split --trace]: groups in simulated time, see docs/simulation.md
import { ensureInstalled } from './support/install.mjs';
import { root } from './support/paths.mjs';

await ensureInstalled();
const { runnerImport } = await import('vite');
await runnerImport(`${root}test/simulation/cli.ts`, { configFile: false, logLevel: 'error' });
