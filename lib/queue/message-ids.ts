import type { Random } from '../runtime/random.js';
import type { MemberClock } from './member-clock.js';

/** µs that ids may be ahead of the members' time, as many are made at once, before they begin anew. */
const aheadMax = 500_000;

export const idLength = 25;

/** What a message's own id looks like; a caller's id must not. */
export const messageIdPattern = /^\d{16}-[\w-]{8}$/;

/**
 * Ids of new messages: the members' time in µs, then 8 random characters of this client. They sort by creation whatever
 * clocks the clients have, and members that compare ids with their put floor find them recent.
 */
export class MessageIds {
  private last = 0;
  private floor = 0;
  private suffix: string;

  constructor(
    private readonly clock: Pick<MemberClock, 'wallUs'>,
    private readonly random: Random,
  ) {
    this.suffix = this.newSuffix();
  }

  /**
   * Members take none of before: they agreed on it when their clocks were further than they are now, as that of a machine
   * that was replaced or set back.
   *
   * @param putFloor µs
   */
  raise(putFloor: number): void {
    this.floor = Math.max(this.floor, putFloor);
  }

  next(): string {
    const now = Math.max(this.clock.wallUs(), this.floor);
    if (this.last > now + aheadMax) {
      // time was set back: numbers of before may come again, under another suffix
      this.last = 0;
      this.suffix = this.newSuffix();
    }
    this.last = Math.max(this.last + 1, now);
    return `${String(this.last).padStart(16, '0')}-${this.suffix}`;
  }

  private newSuffix(): string {
    return this.random.id().slice(0, 8);
  }
}

/** µs since 1970 at which a message was created, as its id says. */
export function createdUs(id: string): number {
  return Number(id.slice(0, 16));
}
