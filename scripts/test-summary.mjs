// npm run test:summary: prints 'N passed, N failed' of the last `npm test`, and fails unless all of it passed
import { existsSync, readFileSync } from 'node:fs';
import { fail } from './support/fail.mjs';
import { testResults } from './support/paths.mjs';

if (!existsSync(testResults)) fail('No test results: `npm test` has not run to its end.');
const { numPassedTests, numFailedTests, success } = JSON.parse(readFileSync(testResults, 'utf8'));
console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
process.exit(success && numPassedTests > 0 ? 0 : 1);
