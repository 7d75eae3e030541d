// npm run shell: a Nest REPL with `mr` and `locks` ready, on embedded Redis servers or on REDIS_NODES
import { runSample } from './support/run-sample.mjs';

await runSample('shell.js');
