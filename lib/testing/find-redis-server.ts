import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

const names = ['redis-server', 'valkey-server'];

/**
 * Finds the server program: the `REDIS_SERVER` variable (a path, or a name on PATH), else `redis-server` or
 * `valkey-server` on PATH.
 *
 * @returns its absolute path
 * @throws Error that lists the choices when there is none, also when `REDIS_SERVER` names none: it is never overruled
 */
export async function findRedisServer(): Promise<string> {
  const asked = process.env['REDIS_SERVER'];
  for (const name of asked ? [asked] : names) {
    const path = await locate(name);
    if (path !== undefined) return path;
  }
  throw new Error([asked ? `REDIS_SERVER is "${asked}", which is no program.` : nothingFound, ...choices].join('\n'));
}

async function locate(name: string): Promise<string | undefined> {
  const folders = name.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const folder of folders) {
    const path = resolve(join(folder, name));
    if (await isProgram(path)) return path;
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

const nothingFound = 'No redis-server or valkey-server on PATH.';

const choices = [
  'Choose one:',
  '  - install Redis 6.2 or newer, or Valkey: apt-get install redis-server | apk add redis | brew install redis',
  '  - name the program:             REDIS_SERVER=/path/to/redis-server npm start',
  '  - run everything in Docker:     docker compose up',
  '  - use servers that run already: REDIS_NODES=redis://a,redis://b,redis://c npm start',
];
