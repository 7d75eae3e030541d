import type { Group } from '../quorum/group.js';
import { loadVotingScript } from '../quorum/scripts.js';
import { queueKeys } from './queue-requests.js';

const exportScript = loadVotingScript(new URL('./lua/export.lua', import.meta.url));

/**
 * Names of all queues: one that a quorum has a message of is known to at least one of any `N − quorum + 1` members.
 *
 * @throws NoQuorumError when fewer than a quorum votes, or a member that is needed does not answer
 */
export async function listNames(group: Group): Promise<string[]> {
  const voting = group.members.filter(({ state }) => state === 'voting');
  if (voting.length < group.quorum) throw group.noQuorum('list of queues', group.reports());
  const keys = [group.keys.marker, ...queueKeys(group.keys, '')];
  const asked = voting.map((member) => member.call(exportScript, keys, ['marked', 'names']).catch(() => undefined));
  const lists = (await Promise.all(asked)).filter((answer) => Array.isArray(answer)) as string[][];
  if (lists.length < group.groupSize - group.quorum + 1) throw group.noQuorum('list of queues', group.reports());
  return [...new Set(lists.flat())].sort();
}
