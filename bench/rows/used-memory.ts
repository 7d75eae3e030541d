import { mean } from '../statistics.js';
import type { LocalGroup } from './row-context.js';

/** What data and clients take up on a member: mean of the members, bytes. */
export async function usedMemory(group: LocalGroup): Promise<number> {
  const infos = await Promise.all(group.members.map((member) => member.command('INFO', 'memory')));
  return mean(infos.map((info) => Number(/^used_memory:(\d+)/m.exec(String(info))?.[1])));
}
