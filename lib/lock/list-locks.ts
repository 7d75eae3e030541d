import type { Group } from '../quorum/group.js';
import { listOf, walkNames } from '../quorum/walk-names.js';
import { exportLocks, exportMax, type ExportedLock } from './export-locks.js';
import type { LockState } from './lock.js';

/** Locks that are inspected at once. */
const concurrency = 64;

/**
 * Locks that are held, by quorum: a lock that is held is known to at least one of any `N − quorum + 1` members, so that
 * many are walked through, and each lock that one of them takes for held is inspected. Keeps the names it has inspected,
 * so memory grows with their number.
 *
 * @throws NoQuorumError; the reason of the signal, also where the walk has found nothing for long
 */
export async function* listLocks(
  group: Group,
  prefix: string,
  inspect: (key: string) => Promise<LockState>,
  signal?: AbortSignal,
): AsyncGenerator<LockState> {
  const attempted = listOf('locks', prefix);
  const inspected = new Set<string>();
  for await (const { member, names } of walkNames(group, (name) => group.keys.of('lock', name), prefix, attempted)) {
    signal?.throwIfAborted();
    const fresh = [...new Set(names)].filter((name) => !inspected.has(name));
    for (let start = 0; start < fresh.length; start += exportMax) {
      const page = fresh.slice(start, start + exportMax);
      const told = await exportLocks(member, group.keys, page, 'marked', group.leaseMax).catch((error: unknown) => {
        throw group.noQuorum(attempted, group.reports(), error);
      });
      const held = page.filter((_, index) => isHeld(told[index]!));
      for (let at = 0; at < held.length; at += concurrency) {
        const some = held.slice(at, at + concurrency);
        for (const name of some) inspected.add(name);
        for (const state of await Promise.all(some.map(inspect))) {
          signal?.throwIfAborted();
          if (state.mode !== 'free') yield state;
        }
      }
    }
  }
}

function isHeld([, left, , , ...readers]: ExportedLock): boolean {
  return Number(left) > 0 || readers.length > 0;
}
