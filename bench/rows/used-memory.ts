import { mean } from '../statistics.js';
import type { LocalGroup } from './row-context.js';

/** What a member uses without the buffers of its clients: mean of the members, bytes. */
export async function usedMemory(group: LocalGroup): Promise<number> {
  const infos = await Promise.all(group.members.map((member) => member.command('INFO', 'memory')));
  const valueOf = (info: unknown, name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(String(info))?.[1]);
  return mean(infos.map((info) => valueOf(info, 'used_memory') - valueOf(info, 'mem_clients_normal')));
}
