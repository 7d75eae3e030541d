import { fileURLToPath } from 'node:url';

/** The repository's folder, with a trailing slash. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Everything the scripts make, besides dist/. Git ignores it. */
export const buildFolder = `${root}.build/`;

/** vitest's JSON report of the last `npm test`. */
export const testResults = `${buildFolder}test-results.json`;
