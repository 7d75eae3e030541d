import { readFileSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's folder, with a trailing slash. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

const notOurs = new Set(['node_modules', '.build', 'dist', 'coverage']);

/** All files below a folder or file of the repository, as paths from its root, without what is installed or built. */
export function filesBelow(path: string): string[] {
  const kind = statSync(root + path, { throwIfNoEntry: false });
  if (kind === undefined) return [];
  if (kind.isFile()) return [path];
  const names = readdirSync(root + path).filter((name) => !notOurs.has(name));
  return names.flatMap((name) => filesBelow(`${path}/${name}`)).sort();
}

export function read(path: string): string {
  return readFileSync(root + path, 'utf8');
}
