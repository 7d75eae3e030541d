import type { Member } from '../member/member.js';

/** One copy of what a member forgot. */
export interface RestoreTask {
  readonly target: Member;
  /** Members whose records together hold every decision that the target's votes were part of. */
  readonly sources: readonly Member[];
  /** The ticket that the target must still carry. */
  readonly ticket: string;
  /** After a majority restart sources are read though they do not vote themselves. */
  readonly mayBeUnmarked: boolean;
  /** ms; the longest lease there may be. */
  readonly leaseMax: number;
  /** Told how many records were copied since the last call. */
  onCopied(count: number): void;
}

/** How one protocol copies its records to a member that forgot. */
export interface Restorer {
  /** Copies all records from all sources. @throws Error when a source or the target fails: nothing is admitted then */
  restore(task: RestoreTask): Promise<void>;
}
