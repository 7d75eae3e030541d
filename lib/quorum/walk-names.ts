import type { Member } from '../member/member.js';
import type { Group } from './group.js';

/** What errors call a list of things whose names begin with a prefix. */
export function listOf(things: string, prefix: string): string {
  return prefix === '' ? `list of ${things}` : `list of ${things} "${prefix}"`;
}

/** Names of records found on one member. */
export interface NamesPage {
  readonly member: Member;
  /** A name may come twice, also in other pages. */
  readonly names: readonly string[];
}

/**
 * Walks through the records of one kind on `N − quorum + 1` members, page by page: what a quorum holds during the whole
 * walk is known to at least one of them, and so is found. No snapshot, and costs O(all keys of these members).
 *
 * @param recordOf the key of a record by its name, as `GroupKeys.of()` makes it
 * @param attempted what errors call it
 * @throws NoQuorumError when fewer than a quorum votes, or a member fails meanwhile
 */
export async function* walkNames(
  group: Group,
  recordOf: (name: string) => string,
  prefix: string,
  attempted: string,
): AsyncGenerator<NamesPage> {
  const voting = group.members.filter(({ state }) => state === 'voting');
  if (voting.length < group.quorum) throw group.noQuorum(attempted, group.reports());
  for (const member of voting.slice(0, group.groupSize - group.quorum + 1)) {
    const start = member.transport.mapKey(recordOf(''));
    try {
      for await (const page of member.scan(start + escapeGlob(prefix) + '*')) {
        yield { member, names: page.map((key) => key.slice(start.length)) };
      }
    } catch (error) {
      throw group.noQuorum(attempted, group.reports(), error);
    }
  }
}

function escapeGlob(text: string): string {
  return text.replaceAll(/[*?[\]\\^-]/g, '\\$&');
}
