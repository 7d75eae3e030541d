import { partitionOf } from '../../../lib/quorum/partition-space.js';
import type { Plan } from '../plan.js';

/** Of each partition of a plan. */
export function partitionsOf({ split }: Pick<Plan, 'split'>): readonly number[] {
  return [...Array(split?.partitions ?? 1).keys()];
}

/** A name as it is called in a partition: all names of one partition can be used together. */
export function nameIn({ split }: Pick<Plan, 'split'>, partition: number, name: string): string {
  return split ? `{${tagIn(partition, split.partitions)}}${name}` : name;
}

/** A name without its partition. */
export function plainName(name: string): string {
  return name.slice(name.indexOf('}') + 1);
}

function tagIn(partition: number, partitions: number): string {
  for (let attempt = 0; ; attempt++) {
    const tag = `p${partition}.${attempt}`;
    if (partitionOf(`{${tag}}`, partitions) === partition) return tag;
  }
}
