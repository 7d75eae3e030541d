import type { Member } from '../member/member.js';
import type { GroupKeys } from './group-keys.js';
import { wipeScript } from './scripts.js';

/** Keys that are removed at a time. */
const pageMax = 100;

/**
 * Removes all records that a member still holds, while it is brought back under a ticket.
 *
 * @throws Error when it does not answer, or the ticket is lost
 */
export async function wipe(member: Member, keys: GroupKeys, ticket: string, onPage: () => void): Promise<void> {
  const { transport } = member;
  const own = new Set(keys.own.map((key) => transport.mapKey(key)));
  const start = keys.pattern().slice(0, -1);
  const storedStart = transport.mapKey(start);
  for await (const page of member.scan(transport.mapKey(keys.pattern()))) {
    const found = page.filter((key) => !own.has(key)).map((key) => start + key.slice(storedStart.length));
    for (let at = 0; at < found.length; at += pageMax) {
      const some = found.slice(at, at + pageMax);
      const answer = await member.call(wipeScript, [keys.marker, keys.ticket, ...some], [ticket]);
      if (answer !== 'WIPED') throw new Error(`the ticket for ${member.name} is lost`);
    }
    onPage();
  }
}
