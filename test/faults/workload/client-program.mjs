// A client in a process of its own, so that it can be stopped and killed: runs client-program.ts from the sources
import { runnerImport } from 'vite';

await runnerImport(new URL('client-program.ts', import.meta.url).pathname, { configFile: false, logLevel: 'error' });
