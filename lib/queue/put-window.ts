import type { Group } from '../quorum/group.js';

/** `maxOperationTime`s that lie between a floor and now: a put that is under way is not cut off. */
const spans = 3;

/** µs between the members' time and the highest floor that may be set. */
export function putWindowUs({ maxOperationTime }: Pick<Group, 'maxOperationTime'>): number {
  return spans * maxOperationTime * 1000;
}
