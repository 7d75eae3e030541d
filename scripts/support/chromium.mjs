// also vitest's global setup of the tests that need a browser: see vitest.config.ts
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { install } from './package-manager.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];
const apps = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Finds a Chromium, installing one with the system's package manager where that needs no question, and hands its path on
 * as CHROMIUM.
 *
 * @throws Error that lists the choices when there is none, also when CHROMIUM names none: it is never overruled
 */
export async function ensureChromium() {
  let found = findChromium();
  if (found === undefined && !process.env.CHROMIUM && (await install('chromium'))) found = findChromium();
  if (found === undefined) throw new Error(nothingFound());
  process.env.CHROMIUM = found;
}

export default ensureChromium;

function findChromium() {
  const asked = process.env.CHROMIUM;
  if (asked) return isProgram(asked) ? asked : undefined;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...candidates, ...apps].filter((path) => existsSync(path)).find(isProgram);
}

/** Some systems have a program of this name that only tells how to install it. */
function isProgram(path) {
  return spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0;
}

function nothingFound() {
  const { CHROMIUM } = process.env;
  return [
    CHROMIUM ? `CHROMIUM is "${CHROMIUM}", which is no program.` : 'No Chromium on PATH.',
    'Choose one:',
    '  - install it: apt-get install chromium | apk add chromium | brew install --cask chromium',
    '  - name the program: CHROMIUM=/path/to/chromium npm test',
    '  - leave these tests out: npm test -- --project=!dashboard',
  ].join('\n');
}
