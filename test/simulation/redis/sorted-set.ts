import type { Bytes } from './bytes.js';
import type { ScoreBound } from './numbers.js';

/** One member with its score. */
export interface Scored {
  readonly member: Bytes;
  readonly score: number;
}

/** One end of a range of members that all have one score. */
export type LexBound = { readonly kind: 'min' | 'max' } | { readonly kind: 'at' | 'past'; readonly member: Bytes };

/** Members by score, and among equal scores by their bytes. */
export class SortedSet {
  private readonly scores = new Map<Bytes, number>();
  private readonly order: Scored[] = [];

  get size(): number {
    return this.order.length;
  }

  get entries(): readonly Scored[] {
    return this.order;
  }

  scoreOf(member: Bytes): number | undefined {
    return this.scores.get(member);
  }

  /** @returns whether the member is new */
  add(member: Bytes, score: number): boolean {
    const before = this.scores.get(member);
    if (before === score) return false;
    if (before !== undefined) this.order.splice(this.indexOf(member, before), 1);
    this.order.splice(this.indexOf(member, score), 0, { member, score });
    this.scores.set(member, score);
    return before === undefined;
  }

  /** @returns whether it was there */
  remove(member: Bytes): boolean {
    const score = this.scores.get(member);
    if (score === undefined) return false;
    this.order.splice(this.indexOf(member, score), 1);
    this.scores.delete(member);
    return true;
  }

  byScore(min: ScoreBound, max: ScoreBound): Scored[] {
    return this.order.filter(
      ({ score }) =>
        (min.isExclusive ? score > min.score : score >= min.score) &&
        (max.isExclusive ? score < max.score : score <= max.score),
    );
  }

  /** From the first member that is not below on, as long as none is above: with several scores that leaves some out. */
  byLex(min: LexBound, max: LexBound): Scored[] {
    const [lowest, highest] = [this.order[0], this.order.at(-1)];
    if (!lowest || !highest || !isNotBelow(highest.member, min) || !isNotAbove(lowest.member, max)) return [];
    const start = this.order.findIndex(({ member }) => isNotBelow(member, min));
    const end = this.order.findIndex(({ member }, index) => index >= start && !isNotAbove(member, max));
    return this.order.slice(start, end < 0 ? undefined : end);
  }

  clone(): SortedSet {
    const copy = new SortedSet();
    for (const entry of this.order) copy.order.push(entry);
    for (const [member, score] of this.scores) copy.scores.set(member, score);
    return copy;
  }

  /** Where the member is, or would have to stand. */
  private indexOf(member: Bytes, score: number): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = this.order[middle]!;
      if (at.score < score || (at.score === score && at.member < member)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isNotBelow(member: Bytes, bound: LexBound): boolean {
  if (bound.kind === 'at') return member >= bound.member;
  return bound.kind === 'past' ? member > bound.member : bound.kind === 'min';
}

function isNotAbove(member: Bytes, bound: LexBound): boolean {
  if (bound.kind === 'at') return member <= bound.member;
  return bound.kind === 'past' ? member < bound.member : bound.kind === 'max';
}
