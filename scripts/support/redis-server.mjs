import { fail } from './fail.mjs';
import { install } from './package-manager.mjs';
import { root } from './paths.mjs';

/**
 * Finds a redis-server, installing one with the system's package manager where that needs no question, and hands its
 * path on to everything this script starts, as REDIS_SERVER. The lib must have been built. Without any, the script
 * ends with the choices there are.
 */
export async function ensureRedisServer() {
  const { findRedisServer } = await import(`${root}dist/testing/index.js`);
  const find = () => findRedisServer().catch((error) => error);
  let found = await find();
  if (found instanceof Error && !process.env.REDIS_SERVER && (await install('redis-server'))) found = await find();
  if (found instanceof Error) fail(found.message);
  process.env.REDIS_SERVER = found;
}
