/**
 * - `pending`: more answers are needed.
 * - `granted`: a quorum granted.
 * - `refused`: a quorum voted, and a quorum can no longer grant.
 * - `no-quorum`: fewer than a quorum can vote at all.
 */
export type Verdict = 'pending' | 'granted' | 'refused' | 'no-quorum';

/** The majority of a group: any two majorities share a member. */
export function quorumOf(groupSize: number): number {
  return Math.floor(groupSize / 2) + 1;
}

/**
 * The quorum rule: counts what the members of one group said to one request and decides at the earliest moment.
 * A refusal is told apart from a missing vote, as "held by another" and "no quorum" call for different acts.
 *
 * @see docs/protocols/quorum.md#deciding
 */
export class Tally {
  private grants = 0;
  private refusals = 0;
  private failures = 0;

  constructor(
    private readonly groupSize: number,
    private readonly quorum: number,
  ) {}

  grant(): Verdict {
    this.grants += 1;
    return this.verdict();
  }

  refuse(): Verdict {
    this.refusals += 1;
    return this.verdict();
  }

  /** A member gave no vote: down, suspect, rejoining, an error. */
  fail(count = 1): Verdict {
    this.failures += count;
    return this.verdict();
  }

  verdict(): Verdict {
    if (this.grants >= this.quorum) return 'granted';
    if (this.groupSize - this.failures < this.quorum) return 'no-quorum';
    const canBeGranted = this.groupSize - this.failures - this.refusals >= this.quorum;
    return !canBeGranted && this.grants + this.refusals >= this.quorum ? 'refused' : 'pending';
  }
}
