// npm start: the sample app on five embedded Redis servers, or on REDIS_NODES=redis://a,redis://b,redis://c
import { runSample } from './support/run-sample.mjs';

await runSample('main.js');
