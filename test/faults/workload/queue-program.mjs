// A producer or consumer in a process of its own, which can be stopped and killed: runs queue-program.ts from the sources
import { runnerImport } from 'vite';

await runnerImport(new URL('queue-program.ts', import.meta.url).pathname, { configFile: false, logLevel: 'error' });
