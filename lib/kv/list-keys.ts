import type { Member } from '../member/member.js';
import type { ChangeContext } from './change.js';
import { readRegister } from './read.js';

/** Registers that are read at once. */
const concurrency = 64;

/**
 * Keys that begin with a prefix and have a value, by quorum: a value that stands is known to at least one of any
 * `N − quorum + 1` members, so that many are walked through, and each key found is read. No snapshot: a key that is
 * written or deleted meanwhile may come or not. Keeps the names it has given, so memory grows with their number.
 *
 * @throws NoQuorumError
 */
export async function* listKeys(context: ChangeContext, prefix: string): AsyncGenerator<string> {
  const given = new Set<string>();
  for (const member of enoughMembers(context, prefix)) {
    for await (const page of pages(context, member, prefix)) {
      const names = [...new Set(page)].filter((name) => !given.has(name));
      for (let start = 0; start < names.length; start += concurrency) {
        const some = names.slice(start, start + concurrency);
        const found = await Promise.all(some.map((name) => readRegister(context, name)));
        for (const [i, name] of some.entries()) {
          given.add(name);
          if (found[i]!.value) yield name;
        }
      }
    }
  }
}

function enoughMembers({ requests }: ChangeContext, prefix: string): Member[] {
  const { group } = requests;
  const voting = group.members.filter(({ state }) => state === 'voting');
  if (voting.length < group.quorum) throw group.noQuorum(`keys "${prefix}"`, group.reports());
  return voting.slice(0, group.groupSize - group.quorum + 1);
}

async function* pages({ requests }: ChangeContext, member: Member, prefix: string): AsyncGenerator<string[]> {
  const { group, keys } = requests;
  const { connection, transport } = member;
  if (!connection) throw group.noQuorum('keys', group.reports());
  const start = transport.mapKey(keys.record(''));
  const pattern = transport.mapKey(keys.record('')) + escapeGlob(prefix) + '*';
  try {
    for await (const page of connection.scan(pattern)) yield page.map((key) => key.slice(start.length));
  } catch (error) {
    throw group.noQuorum(`keys "${prefix}"`, group.reports(), error);
  }
}

function escapeGlob(text: string): string {
  return text.replaceAll(/[*?[\]\\^-]/g, '\\$&');
}
