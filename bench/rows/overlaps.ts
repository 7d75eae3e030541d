/**
 * How many holds began while another one lasted: 0 for a lock that excludes.
 *
 * @param holds begin and end of each, on one clock
 */
export function overlapCount(holds: readonly (readonly [number, number])[]): number {
  let heldUntil = -Infinity;
  let overlaps = 0;
  for (const [from, to] of [...holds].sort(([a], [b]) => a - b)) {
    if (from < heldUntil) overlaps++;
    heldUntil = Math.max(heldUntil, to);
  }
  return overlaps;
}
