import type { Member } from '../member/member.js';
import type { GroupKeys } from '../quorum/group-keys.js';
import { loadVotingScript } from '../quorum/scripts.js';

const exportScript = loadVotingScript(new URL('./lua/export.lua', import.meta.url));

/** Locks that are asked about in one call. */
export const exportMax = 200;

/** What one member tells of a lock: holder, ms left, token, shared token, then each reader and its ms left. */
export type ExportedLock = readonly string[];

/**
 * What one member knows of some locks.
 *
 * @param names up to `exportMax`
 * @param leaseMax ms; an unreadable record is told as nobody's for as long
 * @throws Error with what the member said, or that it does not vote and must
 */
export async function exportLocks(
  member: Member,
  keys: GroupKeys,
  names: readonly string[],
  standing: 'marked' | 'any',
  leaseMax: number,
): Promise<readonly ExportedLock[]> {
  const records = names.map((name) => keys.of('lock', name));
  const readers = names.map((name) => keys.of('readers', name));
  const known = await member.call(
    exportScript,
    [keys.marker, ...records, ...readers],
    [standing, names.length, leaseMax],
  );
  if (!Array.isArray(known)) throw new Error(`${member.name} forgot meanwhile`);
  return known as ExportedLock[];
}
