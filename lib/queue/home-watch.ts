import type { Clock } from '../runtime/clock.js';

/**
 * Which member a consumer asks: home, and the next one after a whole poll interval in which home had nothing. A message
 * that home missed when it was put is with the others only, until members are compared. Whoever is found to have such
 * messages is asked until it has none left.
 *
 * @see docs/protocols/queue.md#leasing
 */
export class HomeWatch {
  private passedOver = 0;
  private quietSince: number | undefined;
  private hadMessages = false;

  constructor(
    private readonly clock: Clock,
    private readonly pollInterval: number,
  ) {}

  /** The place of the member to ask, in the order of homes; it counts on. */
  place(): number {
    const { quietSince } = this;
    const now = this.clock.now();
    if (quietSince !== undefined && now - quietSince >= this.pollInterval) {
      this.passedOver += 1;
      this.quietSince = now;
    }
    return this.passedOver;
  }

  /** @param hasMessages whether it had some, delivered or not */
  note(hasMessages: boolean): void {
    if (hasMessages) this.quietSince = undefined;
    else {
      if (this.hadMessages) this.passedOver = 0;
      this.quietSince ??= this.clock.now();
    }
    this.hadMessages = hasMessages;
  }

  /** Home woke who waited. */
  noteWakeUp(): void {
    this.passedOver = 0;
    this.quietSince = undefined;
  }
}
