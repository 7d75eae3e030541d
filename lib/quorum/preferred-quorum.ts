import type { Clock } from '../runtime/clock.js';
import { homeOrder } from './home-order.js';

/** ms after which all are asked once more: so one that forgot, hangs or came nearer is found, and few requests go to all. */
const allInterval = 1000;
/** ms between two looks at how far members are. */
const lookInterval = 250;
/** A quorum is far away that takes this many times as long as the nearest one, and this many ms more. */
const farFactor = 1.25;
const farMs = 0.5;

/** What the choice depends on. */
export interface Candidate {
  readonly state: string;
  readonly incarnation: string | undefined;
  /** Whether it has not answered for longer than it takes as a rule. */
  readonly isSlow: boolean;
  /** Smoothed, ms; undefined before the first answer. */
  readonly roundTripMs: number | undefined;
}

/** A quorum that is asked first, and the members that are asked when that does not decide. */
export interface QuorumChoice<T> {
  readonly first: readonly T[];
  readonly rest: readonly T[];
}

/**
 * The quorum that is asked first where it alone may decide. All clients that see the same members prefer the same ones,
 * whatever they ask for: so contenders meet at once, and requests leave in few large batches.
 *
 * @see docs/protocols/quorum.md#asking-a-quorum-first
 */
export class PreferredQuorum<T extends Candidate> {
  private order: readonly T[] | undefined;
  private choice: QuorumChoice<T> | undefined;
  private lookedAt = -Infinity;
  private allAskedAt = -Infinity;

  constructor(
    /** Groups, and partitions of one, prefer different members. */
    private readonly name: string,
    private readonly members: readonly T[],
    private readonly quorum: number,
    private readonly clock: Clock,
  ) {}

  /** Which members vote has changed. */
  forget(): void {
    this.order = undefined;
    this.lookedAt = -Infinity;
  }

  /**
   * For one request. Undefined when all are to be asked at once: none can be spared, one of the preferred is slow or far away,
   * or all were not asked for a second.
   */
  choose(): QuorumChoice<T> | undefined {
    const now = this.clock.now();
    if (now - this.allAskedAt >= allInterval) {
      this.allAskedAt = now;
      return undefined;
    }
    if (now - this.lookedAt >= lookInterval) {
      this.lookedAt = now;
      this.choice = this.look();
    }
    return this.choice?.first.some(({ isSlow }) => isSlow) ? undefined : this.choice;
  }

  /** Voting members in the order in which they are home of a name, those of the preferred quorum first. */
  homesOf(name: string): T[] {
    const { preferred, others } = this.split();
    return [...homeOrder(name, preferred), ...homeOrder(name, others)];
  }

  private look(): QuorumChoice<T> | undefined {
    const { preferred: first, others } = this.split();
    if (others.length === 0) return undefined;
    // of one that has not answered yet nobody knows that it is nearer
    const distances = [...first, ...others].map(({ roundTripMs = Infinity }) => roundTripMs).sort((a, b) => a - b);
    const farthest = Math.max(...first.map(({ roundTripMs = 0 }) => roundTripMs));
    if (farthest > distances[this.quorum - 1]! * farFactor + farMs) return undefined;
    return { first, rest: this.members.filter((member) => !first.includes(member)) };
  }

  private split(): { preferred: readonly T[]; others: readonly T[] } {
    this.order ??= homeOrder(
      this.name,
      this.members.filter(({ state }) => state === 'voting'),
    );
    return { preferred: this.order.slice(0, this.quorum), others: this.order.slice(this.quorum) };
  }
}
