import { readdirSync, readFileSync } from 'node:fs';
import { root } from './paths.mjs';
import { splitArguments } from './split-arguments.mjs';

export const patchFolder = `${root}test/safeguards/`;
export const tablePage = `${root}docs/safeguards.md`;

const headers = { safeguard: 'safeguard', stops: 'stops', caughtBy: 'caught by' };

/** All patches in order, with what they say of themselves; a missing line is undefined. */
export function readSafeguards() {
  const files = readdirSync(patchFolder).filter((name) => name.endsWith('.patch'));
  return files.sort().map((file) => {
    const text = readFileSync(patchFolder + file, 'utf8');
    const lines = Object.entries(headers).map(([key, header]) => [
      key,
      new RegExp(`^# ${header}: *(.+)$`, 'm').exec(text)?.[1].trim(),
    ]);
    return { file, name: file.replace('.patch', ''), ...Object.fromEntries(lines) };
  });
}

/** The page with its table of safeguards made anew from the patches. */
export function withTable(page, safeguards) {
  const rows = safeguards.map(({ name, safeguard, stops, caughtBy }) => {
    const [test] = splitArguments(caughtBy);
    return `| ${name.slice(0, 3)} ${safeguard} | ${stops} | \`${test}\` | \`npm run verify:safeguards -- ${name}\` |`;
  });
  const table = ['| Safeguard | Bug it stops | Caught by | Command |', '| --- | --- | --- | --- |', ...rows];
  return page.replace(/^\| Safeguard .*\n(\|.*\n)+/m, `${table.join('\n')}\n`);
}
