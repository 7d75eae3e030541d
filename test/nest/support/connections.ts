import type { LocalServer } from 'nestjs-majority-redis/testing';

/** How many clients a server has, besides the one that asks. */
export async function connectionsOf(server: LocalServer): Promise<number> {
  const list = String(await server.command('CLIENT', 'LIST'));
  return list.trim().split('\n').length - 1;
}
