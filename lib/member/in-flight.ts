import type { Clock, Timer } from '../runtime/clock.js';

/** A member is stalled once its oldest call has been out for this part of the time-out. */
const lateFraction = 0.2;

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
  private isOldestLate = false;

  constructor(
    private readonly clock: Clock,
    private readonly timeout: number,
    /** The oldest call is overdue. */
    private readonly onOverdue: () => void,
  ) {}

  add(giveUp: (said: string) => void): CallOut {
    const call = { deadline: this.clock.now() + this.timeout, giveUp };
    this.calls.add(call);
    this.timer ??= this.clock.schedule(this.timeout * lateFraction, this.look, true);
    return call;
  }

  settle(call: CallOut): void {
    this.calls.delete(call);
    this.isOldestLate = false;
  }

  /** Whether nothing was answered for so long that the member may turn out to hang. */
  get isStalled(): boolean {
    return this.isOldestLate;
  }

  /** Gives up on all: their connection is gone. */
  abandon(said: string): void {
    const calls = [...this.calls];
    this.calls.clear();
    this.isOldestLate = false;
    for (const { giveUp } of calls) giveUp(said);
  }

  private readonly look = (): void => {
    this.timer = undefined;
    const oldest = this.oldest();
    if (!oldest) return;
    const dueAt = this.isOldestLate ? oldest.deadline : oldest.deadline - this.timeout * (1 - lateFraction);
    // a late answer may come meanwhile, and the next call be late again
    const left = Math.min(dueAt - this.clock.now(), this.timeout * lateFraction);
    // after a pause of this process answers may lie unread in the socket: let them be read before judging
    this.timer = left > 0 ? this.clock.schedule(left, this.look, true) : this.clock.schedule(1, this.judge, true);
  };

  private readonly judge = (): void => {
    this.timer = undefined;
    const oldest = this.oldest();
    if (!oldest) return;
    const left = oldest.deadline - this.clock.now();
    this.isOldestLate = left <= this.timeout * (1 - lateFraction);
    if (left <= 0) this.onOverdue();
    else this.look();
  };

  private oldest(): CallOut | undefined {
    return this.calls.values().next().value;
  }
}
