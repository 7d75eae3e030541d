// npm run build: builds lib into dist/ and the sample into .build/sample/
import { ensureBuilt } from './support/build.mjs';
import { ensureInstalled } from './support/install.mjs';

await ensureInstalled();
await ensureBuilt('lib');
await ensureBuilt('sample');
