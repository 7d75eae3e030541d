import type { Memory } from '../members/member-host.js';
import type { Direction } from '../network/link.js';

/** One thing that goes wrong. Times are virtual ms, members and clients are numbered from 0. */
export type Fault = {
  readonly at: number;
  /** Which master of a Cluster it hits; absent when it hits the member as a whole. */
  readonly master?: number;
} & (
  | {
      readonly kind: 'restart';
      readonly member: number;
      readonly memory: Memory;
      readonly lasts: number;
      readonly isSilent: boolean;
    }
  | { readonly kind: 'flush' | 'save'; readonly member: number }
  | { readonly kind: 'freeze'; readonly member: number; readonly lasts: number }
  | {
      readonly kind: 'cut';
      readonly client: number;
      readonly members: readonly number[];
      readonly directions: readonly Direction[];
      readonly lasts: number;
    }
  | { readonly kind: 'lose'; readonly client: number; readonly member: number }
  | { readonly kind: 'pause' | 'kill'; readonly client: number; readonly lasts: number }
  | { readonly kind: 'shift'; readonly client: number; readonly by: number }
  /** The slot of a partition moves to another master. */
  | {
      readonly kind: 'move';
      readonly member: number;
      readonly partition: number;
      readonly to: number;
      readonly lasts: number;
    }
  /** A client comes that splits the group otherwise. */
  | { readonly kind: 'stranger'; readonly partitions: number; readonly lasts: number }
);
