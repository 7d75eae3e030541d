import type { Clock } from '../runtime/clock.js';
import type { Random } from '../runtime/random.js';

/** µs by which this client's idea of the members' time may be wrong before it is mended. */
const tolerance = 500_000;

/** What a message's own id looks like; a caller's id must not. */
export const messageIdPattern = /^\d{16}-[\w-]{8}$/;

/**
 * Ids of new messages: the members' time in µs, then 8 random characters of this client. They sort by creation whatever
 * clocks the clients have, and members that compare ids with their put floor find them recent.
 */
export class MessageIds {
  private last = 0;
  private offset: number | undefined;
  private suffix: string;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {
    this.suffix = this.newSuffix();
  }

  /** Whether the members' time is known. */
  get isTuned(): boolean {
    return this.offset !== undefined;
  }

  /** @param memberUs what a quorum of members said of their clocks, µs */
  tune(memberUs: readonly number[]): void {
    const median = [...memberUs].sort((a, b) => a - b)[memberUs.length >> 1];
    if (median === undefined) return;
    const offset = median - this.nowUs();
    if (this.offset !== undefined && Math.abs(offset - this.offset) < tolerance) return;
    this.offset = offset;
    if (this.last > median) {
      // numbers of before may come again: under another suffix
      this.last = 0;
      this.suffix = this.newSuffix();
    }
  }

  next(): string {
    this.last = Math.max(this.last + 1, this.nowUs() + (this.offset ?? 0));
    return `${String(this.last).padStart(16, '0')}-${this.suffix}`;
  }

  /** Monotonic, so that a wall clock that is set moves nothing. */
  private nowUs(): number {
    return Math.floor(this.clock.now() * 1000);
  }

  private newSuffix(): string {
    return this.random.id().slice(0, 8);
  }
}

/** µs since 1970 at which a message was created, as its id says. */
export function createdUs(id: string): number {
  return Number(id.slice(0, 16));
}
