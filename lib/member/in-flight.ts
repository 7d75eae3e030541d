import type { Clock, Timer } from '../runtime/clock.js';

/** One call that is out. */
export interface CallOut {
  readonly deadline: number;
  /** @param said why there is no answer */
  readonly giveUp: (said: string) => void;
}

/**
 * Calls out to one member, oldest first, and the one timer that watches the oldest: a timer per request would cost more
 * than the request.
 */
export class InFlight {
  private readonly calls = new Set<CallOut>();
  private timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly timeout: number,
    /** The oldest call is overdue. */
    private readonly onOverdue: () => void,
  ) {}

  add(giveUp: (said: string) => void): CallOut {
    const call = { deadline: this.clock.now() + this.timeout, giveUp };
    this.calls.add(call);
    this.timer ??= this.clock.schedule(this.timeout, this.look, true);
    return call;
  }

  settle(call: CallOut): void {
    this.calls.delete(call);
  }

  /** Gives up on all: their connection is gone. */
  abandon(said: string): void {
    const calls = [...this.calls];
    this.calls.clear();
    for (const { giveUp } of calls) giveUp(said);
  }

  private readonly look = (): void => {
    this.timer = undefined;
    const oldest = this.oldest();
    if (!oldest) return;
    const left = oldest.deadline - this.clock.now();
    if (left > 0) {
      this.timer = this.clock.schedule(left, this.look, true);
      return;
    }
    // after a pause of this process answers may lie unread in the socket: let them be read before judging
    this.timer = this.clock.schedule(1, this.judge, true);
  };

  private readonly judge = (): void => {
    this.timer = undefined;
    const oldest = this.oldest();
    if (!oldest) return;
    if (oldest.deadline <= this.clock.now()) this.onOverdue();
    else this.look();
  };

  private oldest(): CallOut | undefined {
    return this.calls.values().next().value;
  }
}
