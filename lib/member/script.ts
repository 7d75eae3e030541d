import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A Lua script ready to be run on a member. */
export interface Script {
  /** File name without `.lua`, for errors and logs. */
  readonly name: string;
  /** Whole text, includes resolved. */
  readonly source: string;
  /** SHA-1 of `source`, as EVALSHA wants it. */
  readonly sha: string;
}

const includeLine = /^ *--- @include "([a-z_]+)"$/gm;

/**
 * Reads a script and what it includes (`--- @include "name"` stands for `name.lua` in the first of the include folders
 * that has it). An include that several files name is put in once, before its first user.
 *
 * @throws Error when an include is missing or includes itself: a mistake in this package, so at load time
 */
export function loadScript(file: URL, includeFolders: readonly URL[]): Script {
  const seen = new Set<string>();
  const expand = (url: URL, chain: readonly string[]): string =>
    readFileSync(url, 'utf8').replaceAll(includeLine, (_, name: string) => {
      if (chain.includes(name)) throw new Error(`Lua include cycle: ${[...chain, name].join(' -> ')}`);
      if (seen.has(name)) return '';
      const text = expand(findInclude(name, includeFolders), [...chain, name]);
      seen.add(name);
      return text.trimEnd();
    });
  return createScript(basename(fileURLToPath(file), '.lua'), expand(file, []));
}

export function createScript(name: string, source: string): Script {
  return { name, source, sha: createHash('sha1').update(source).digest('hex') };
}

/** Whether a server does not know the script: it was restarted, or its scripts were flushed. */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

function findInclude(name: string, folders: readonly URL[]): URL {
  for (const folder of folders) {
    const url = new URL(`${name}.lua`, folder);
    try {
      readFileSync(url);
      return url;
    } catch {
      continue;
    }
  }
  throw new Error(`Lua include not found: ${name}`);
}
