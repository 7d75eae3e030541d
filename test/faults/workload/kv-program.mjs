// A key-value workload in a process of its own, so that it can be stopped: runs kv-program.ts from the sources
import { runnerImport } from 'vite';

await runnerImport(new URL('kv-program.ts', import.meta.url).pathname, { configFile: false, logLevel: 'error' });
