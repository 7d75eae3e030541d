import type { Clock, Timer } from '../runtime/clock.js';

/** A member is stalled once its oldest call has been out for this part of the time-out. */
const lateFraction = 0.2;

/** One call that is out. */
export interface CallOut {
  readonly deadline: number;
  /** @param said why there is no answer */
  readonly giveUp: (said: string) => void;
  /** The answer takes longer than others. */
  readonly onSlow?: () => void;
}

/**
 * Calls out to one member, oldest first, and the one timer that watches the oldest: a timer per request would cost more
 * than the request.
 */
export class InFlight {
  private readonly calls = new Set<CallOut>();
  private timer: Timer | undefined;
  private isOldestSlow = false;
  private isOldestLate = false;

  constructor(
    private readonly clock: Clock,
    private readonly timeout: number,
    /** ms after which a call is slow. */
    private readonly slowAfter: () => number,
    /** The oldest call is overdue. */
    private readonly onOverdue: () => void,
  ) {}

  add(giveUp: (said: string) => void, onSlow?: () => void): CallOut {
    const call = { deadline: this.clock.now() + this.timeout, giveUp, onSlow };
    this.calls.add(call);
    this.timer ??= this.clock.schedule(this.nextLook, this.look, true);
    return call;
  }

  settle(call: CallOut): void {
    this.calls.delete(call);
    this.isOldestSlow = false;
    this.isOldestLate = false;
  }

  /** Whether nothing was answered for longer than an answer takes as a rule. */
  get isSlow(): boolean {
    return this.isOldestSlow;
  }

  /** Whether nothing was answered for so long that the member may turn out to hang. */
  get isStalled(): boolean {
    return this.isOldestLate;
  }

  /** Gives up on all: their connection is gone. */
  abandon(said: string): void {
    const calls = [...this.calls];
    this.calls.clear();
    this.isOldestSlow = false;
    this.isOldestLate = false;
    for (const { giveUp } of calls) giveUp(said);
  }

  private readonly look = (): void => {
    this.timer = undefined;
    const oldest = this.oldest();
    if (!oldest) return;
    const left = this.nextLook - this.ageOf(oldest);
    // after a pause of this process answers may lie unread in the socket: let them be read before judging
    this.timer =
      left > 0
        ? // a late answer may come meanwhile, and the next call be late again
          this.clock.schedule(Math.min(left, this.lateAfter), this.look, true)
        : this.clock.schedule(1, this.judge, true);
  };

  private readonly judge = (): void => {
    this.timer = undefined;
    const oldest = this.oldest();
    if (!oldest) return;
    const age = this.ageOf(oldest);
    this.isOldestSlow = age >= Math.min(this.slowAfter(), this.lateAfter);
    this.isOldestLate = age >= this.lateAfter;
    if (age >= this.timeout) return this.onOverdue();
    if (this.isOldestSlow) for (const { onSlow } of this.calls) onSlow?.();
    this.look();
  };

  /** Age of the oldest call, ms, at which something is found out about it. */
  private get nextLook(): number {
    if (this.isOldestLate) return this.timeout;
    return this.isOldestSlow ? this.lateAfter : Math.min(this.slowAfter(), this.lateAfter);
  }

  private get lateAfter(): number {
    return this.timeout * lateFraction;
  }

  private ageOf({ deadline }: CallOut): number {
    return this.clock.now() - (deadline - this.timeout);
  }

  private oldest(): CallOut | undefined {
    return this.calls.values().next().value;
  }
}
