import { listOf, walkNames } from '../quorum/walk-names.js';
import type { ChangeContext } from './change.js';
import { readRegister } from './read.js';

/** Registers that are read at once. */
const concurrency = 64;

/**
 * Keys that begin with a prefix and have a value, by quorum: a value that stands is known to at least one of any
 * `N − quorum + 1` members, so that many are walked through, and each key found is read. No snapshot: a key that is
 * written or deleted meanwhile may come or not. Keeps the names it has given, so memory grows with their number.
 *
 * @throws NoQuorumError; the reason of the signal, also where the walk has found nothing for long
 */
export async function* listKeys(context: ChangeContext, prefix: string, signal?: AbortSignal): AsyncGenerator<string> {
  const { group, keys } = context.requests;
  const given = new Set<string>();
  for await (const page of walkNames(group, (name) => keys.record(name), prefix, listOf('keys', prefix))) {
    signal?.throwIfAborted();
    const names = [...new Set(page.names)].filter((name) => !given.has(name));
    for (let start = 0; start < names.length; start += concurrency) {
      signal?.throwIfAborted();
      const some = names.slice(start, start + concurrency);
      const found = await Promise.all(some.map((name) => readRegister(context, name)));
      for (const [i, name] of some.entries()) {
        signal?.throwIfAborted();
        given.add(name);
        if (found[i]!.value) yield name;
      }
    }
  }
}
