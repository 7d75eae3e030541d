import type { Redis } from 'ioredis';

/** Makes it known to all servers. @returns its SHA-1 */
export async function loadScript(clients: readonly Redis[], script: string): Promise<string> {
  const [sha] = await Promise.all(clients.map((client) => client.script('LOAD', script)));
  return String(sha);
}
