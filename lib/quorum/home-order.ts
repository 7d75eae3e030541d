/**
 * The order in which members are home of a name, by rendezvous hashing over their incarnations: every client that sees
 * the same members finds the same order, however it calls them, and the loss of one moves only the names it was home of.
 *
 * @returns the given members, best first
 */
export function homeOrder<T extends { readonly incarnation: string | undefined }>(
  name: string,
  members: readonly T[],
): T[] {
  return members
    .map((member) => ({ member, score: hash(`${member.incarnation ?? ''} ${name}`) }))
    .sort((a, b) => b.score - a.score)
    .map(({ member }) => member);
}

/** FNV-1a with a final mix, as the last characters would otherwise hardly reach the high bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
