import { readFileSync } from 'node:fs';

/**
 * Name and version of a package as installed, for example `redlock 4.2.0`.
 *
 * @param folder its folder in bench/node_modules, which differs from its name where it is installed under an alias
 */
export function installedVersion(folder: string): string {
  return versionIn(new URL(`../../node_modules/${folder}/package.json`, import.meta.url));
}

/** Name and version of the library itself. */
export function libraryVersion(): string {
  return versionIn(new URL('../../../package.json', import.meta.url));
}

/** Version of the ioredis that the library resolves to. */
export function libraryClientVersion(): string {
  return versionIn(new URL('../../../node_modules/ioredis/package.json', import.meta.url));
}

function versionIn(file: URL): string {
  const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string };
  return `${name} ${version.replace(/^v/, '')}`;
}
