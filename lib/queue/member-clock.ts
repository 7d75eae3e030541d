import type { Clock } from '../runtime/clock.js';
import type { QueueRequests } from './queue-requests.js';

/** µs by which this client's idea of a member's time may be wrong before it is mended. */
const tolerance = 500_000;

/**
 * The members' time: the median of what they said of their clocks. Ids and tokens are made of it, so it does not matter
 * what the clock of this machine says, nor that of one member.
 */
export class MemberClock {
  private readonly offsets = new Map<number, number>();
  private offset = 0;

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly quorum: number,
  ) {}

  /** Whether a quorum of members has told its time. */
  get isTuned(): boolean {
    return this.offsets.size >= this.quorum;
  }

  /** @param memberUs what a member said of its clock just now, µs */
  note(memberIndex: number, memberUs: number): void {
    const offset = memberUs - this.nowUs();
    const before = this.offsets.get(memberIndex);
    if (before !== undefined && Math.abs(offset - before) < tolerance) return;
    this.offsets.set(memberIndex, offset);
    const sorted = [...this.offsets.values()].sort((a, b) => a - b);
    this.offset = sorted[sorted.length >> 1]!;
  }

  /** Asks the members, unless a quorum has told before. @throws NoQuorumError */
  async learn(requests: QueueRequests): Promise<void> {
    if (this.isTuned) return;
    const times = await requests.askAll('T');
    times.forEach((time, index) => {
      if (typeof time === 'string') this.note(index, Number(time));
    });
    const { group, name } = requests;
    if (!this.isTuned) throw group.noQuorum(`time of queue "${name}"`, group.reports());
  }

  /** µs since 1970 by the members' clocks; by none before they told. */
  wallUs(): number {
    return this.nowUs() + this.offset;
  }

  /** Monotonic, so that a wall clock that is set moves nothing. */
  private nowUs(): number {
    return Math.floor(this.clock.now() * 1000);
  }
}
