import type { Member } from '../member/member.js';
import { Bell } from './bell.js';
import type { HeldDelivery } from './held-delivery.js';
import { HomeWatch } from './home-watch.js';
import type { Intake } from './intake.js';
import type { PauseWatch } from './pause-watch.js';
import type { QueueRequests } from './queue-requests.js';

/** A checked `get()`. */
export interface GetTerms {
  readonly count: number;
  readonly lease: number;
  readonly waitFor: number;
  readonly signal: AbortSignal | undefined;
}

const none = (): void => undefined;

/** One call of `get()`. */
export class Pull {
  private readonly bell: Bell;
  private readonly homeWatch: HomeWatch;

  constructor(
    private readonly requests: QueueRequests,
    private readonly intake: Intake,
    private readonly pauseWatch: PauseWatch,
    private readonly pollInterval: number,
    private readonly terms: GetTerms,
    private readonly signal: AbortSignal,
  ) {
    this.bell = new Bell(requests);
    this.homeWatch = new HomeWatch(requests.group.clock, pollInterval);
  }

  /** @throws NoQuorumError; the signal's reason when it aborts, after what was leased meanwhile is given back */
  async run(): Promise<readonly HeldDelivery[]> {
    this.pauseWatch.start();
    const changes = this.pauseWatch.changes.subscribe(this.bell.ring);
    try {
      const deliveries = await this.untilSome();
      if (!this.signal.aborted) return deliveries;
      await Promise.allSettled(deliveries.map((delivery) => delivery.giveBack()));
      throw this.signal.reason;
    } finally {
      changes.unsubscribe();
      this.bell.close();
    }
  }

  private async untilSome(): Promise<readonly HeldDelivery[]> {
    const { bell, homeWatch, signal } = this;
    const { group } = this.requests;
    const end = group.now() + this.terms.waitFor;
    for (;;) {
      const home = this.intake.home(homeWatch);
      if (this.terms.waitFor > 0) await bell.open(home, signal);
      signal.throwIfAborted();
      let rest = this.pollInterval;
      const isPaused = await this.pauseWatch.look();
      if (!isPaused) {
        const { deliveries, waitMs, hadMessages } = await this.take(home, group.now() < end);
        homeWatch.note(hadMessages);
        if (deliveries.length > 0) return deliveries;
        rest = hadMessages ? 0 : Math.min(rest, waitMs);
      }
      const left = end - group.now();
      if (left <= 0) return isPaused ? [] : this.takeElsewhere(home);
      if (rest > 0 && (await bell.rest(Math.min(rest, left), signal))) homeWatch.noteWakeUp();
      signal.throwIfAborted();
    }
  }

  private take(member: Member, isWoken: boolean): ReturnType<Intake['take']> {
    const { count, lease } = this.terms;
    const intakeTerms = { lease, backoff: undefined, onEnded: none };
    return this.intake.take(count, member, intakeTerms, isWoken ? this.bell.who : undefined, this.bell.takeOffer());
  }

  /**
   * From further members, once home has nothing: with home so many that they share one with any quorum. So what was put
   * before is found though home missed it, or is the last to hear of it.
   */
  private async takeElsewhere(home: Member): Promise<readonly HeldDelivery[]> {
    const { group, name } = this.requests;
    const others = group.homesOf(name).filter((member) => member !== home);
    for (const member of others.slice(0, group.groupSize - group.quorum)) {
      const { deliveries } = await this.take(member, false);
      if (deliveries.length > 0) return deliveries;
    }
    return [];
  }
}
