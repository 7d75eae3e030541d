/** One member of a sorted set with its score. */
export type Scored = readonly [member: string, score: number];

/** Members by score, then by their bytes, as Redis orders them. */
export class SortedSet {
  private readonly scores = new Map<string, number>();
  private readonly order: Scored[] = [];

  get size(): number {
    return this.order.length;
  }

  score(member: string): number | undefined {
    return this.scores.get(member);
  }

  /** @returns whether it is new */
  add(member: string, score: number): boolean {
    const isNew = !this.remove(member);
    this.scores.set(member, score);
    this.order.splice(this.rankOf([member, score]), 0, [member, score]);
    return isNew;
  }

  remove(member: string): boolean {
    const score = this.scores.get(member);
    if (score === undefined) return false;
    this.scores.delete(member);
    this.order.splice(this.rankOf([member, score]), 1);
    return true;
  }

  /** Members from one rank to another, both included; negative ones count from the end. */
  range(from: number, to: number): Scored[] {
    const { length } = this.order;
    const start = from < 0 ? Math.max(length + from, 0) : from;
    return this.order.slice(start, Math.max((to < 0 ? length + to : to) + 1, 0));
  }

  /** All members, the lowest first. */
  all(): readonly Scored[] {
    return this.order;
  }

  /** How many stand before this one, or before where it would stand. */
  private rankOf([member, score]: Scored): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const [other, otherScore] = this.order[middle]!;
      if (otherScore < score || (otherScore === score && other < member)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
