import type { Member } from '../member/member.js';
import { Bell } from './bell.js';
import type { HeldDelivery } from './held-delivery.js';
import type { HomeWatch } from './home-watch.js';
import type { Intake, Intaken } from './intake.js';
import type { PauseWatch } from './pause-watch.js';
import type { Leaser } from './leaser.js';
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

  constructor(
    private readonly requests: QueueRequests,
    leaser: Leaser,
    private readonly intake: Intake,
    private readonly pauseWatch: PauseWatch,
    /** Of all calls of `get()`: those that do not wait find what home missed as well. */
    private readonly homeWatch: HomeWatch,
    private readonly pollInterval: number,
    private readonly terms: GetTerms,
    private readonly signal: AbortSignal,
  ) {
    this.bell = new Bell(requests, leaser, terms.lease);
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
      if (await this.pauseWatch.look()) {
        bell.refuseHanded();
      } else {
        const { deliveries, waitMs, hadMessages } = await this.take(home, group.now() < end);
        homeWatch.note(hadMessages);
        if (deliveries.length > 0) return deliveries;
        rest = hadMessages ? 0 : Math.min(rest, waitMs);
      }
      const left = end - group.now();
      if (left <= 0) return [];
      if (rest > 0 && (await bell.rest(Math.min(rest, left), signal))) homeWatch.noteWakeUp();
      signal.throwIfAborted();
    }
  }

  private async take(home: Member, isWoken: boolean): Promise<Omit<Intaken, 'listening'>> {
    const { count, lease } = this.terms;
    const intakeTerms = { lease, backoff: undefined, onEnded: none };
    const handed = this.bell.takeHanded();
    if (handed.length > 0) {
      return { deliveries: await this.intake.open(handed, intakeTerms), hadMessages: true, waitMs: 0 };
    }
    const who = isWoken ? this.bell.who : undefined;
    const taken = await this.intake.take(count, home, intakeTerms, who);
    if (who !== undefined) this.bell.noteListening(home, who, taken.listening);
    return taken;
  }
}
