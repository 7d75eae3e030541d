import { slotCount, slotOf } from '../member/key-slot.js';

/** Slots in which the one of a partition is looked for: as many as each of 256 partitions has. */
const windowSize = slotCount / 256;

/**
 * Which partition a name belongs to: partition i has the i-th part of the slots that Redis Cluster gives names, so names
 * with a common `{tag}` are in one partition.
 */
export function partitionOf(name: string, partitions: number): number {
  return Math.floor((slotOf(name) * partitions) / slotCount);
}

/**
 * Key prefix of a partition. The first one has the group's own, as if it were the only one; the others' begin with it and
 * a slash, which no user's prefix has, and end so that their slots lie evenly around the circle of all slots.
 */
export function partitionPrefix(keyPrefix: string, index: number, partitions: number): string {
  if (index === 0) return keyPrefix;
  const wanted = slotOf(keyPrefix) + Math.floor((slotCount * index) / partitions);
  for (let attempt = 0; ; attempt++) {
    const prefix = `${keyPrefix}/${index}.${attempt}`;
    if ((slotOf(prefix) - wanted + 2 * slotCount) % slotCount < windowSize) return prefix;
  }
}

/**
 * What follows the `run_id` in a marker: nothing for a group of one partition. All have their first partition in common,
 * so clients that differ find it there.
 */
export function markerEnd(partitions: number): string {
  return partitions === 1 ? '' : `/${partitions}`;
}

/** The number of partitions that a marker tells of. */
export function partitionsIn(marker: string): number {
  return Number(/\/(\d+)$/.exec(marker)?.[1] ?? 1);
}
