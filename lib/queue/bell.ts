import type { Subscription } from 'rxjs';
import type { Member } from '../member/member.js';
import type { Group } from '../quorum/group.js';
import { pause } from '../runtime/pause.js';
import { idLength } from './message-ids.js';
import type { QueueRequests } from './queue-requests.js';

/** ms an idle consumer lets its inbox take to be opened. */
const subscribeMax = 200;
/** ms after which an offer is not worth taking any more: home proposes the message to others again a little later. */
const offerMax = 150;

/** A message that home told together with a wake-up, so that it need not be asked for there. */
export interface Offer {
  readonly id: string;
  readonly record: string;
}

/** What wakes an idle consumer: home names it when a message becomes ready, and home may change when members come or go. */
export class Bell {
  /** How members know it: `inbox id`. */
  readonly who: string;
  private readonly id: string;
  private readonly group: Group;
  private hasRung = false;
  private wake: (() => void) | undefined;
  private offered: { readonly offer: Offer; readonly at: number } | undefined;
  private readonly homes = new Set<Member>();
  private readonly changes: Subscription;

  constructor(private readonly requests: QueueRequests) {
    const { group } = requests;
    this.group = group;
    this.id = group.random.id();
    this.who = `${group.keys.inbox(group.clientId)} ${this.id}`;
    for (const member of group.members) group.inboxAt(member).listen(this.id, this.hear);
    this.changes = group.events.subscribe(({ type }) => {
      if (type === 'member') this.ring();
    });
  }

  /** Opens the inbox at home, before home is told to wake it. Without an inbox it polls. */
  async open(home: Member, signal: AbortSignal): Promise<void> {
    const inbox = this.group.inboxAt(home);
    this.homes.add(home);
    if (!inbox.isOpen) await Promise.race([inbox.ready(), pause(this.group.clock, subscribeMax, signal)]);
  }

  /**
   * Returns when it rings, at once if it has rung since; or after `ms`, or when the signal aborts.
   *
   * @returns whether it rang
   */
  async rest(ms: number, signal: AbortSignal): Promise<boolean> {
    if (!this.hasRung) {
      const woken = new AbortController();
      this.wake = () => woken.abort();
      signal.addEventListener('abort', this.wake, { once: true });
      if (!signal.aborted) await pause(this.group.clock, ms, woken.signal);
      signal.removeEventListener('abort', this.wake);
      this.wake = undefined;
    }
    const { hasRung } = this;
    this.hasRung = false;
    return hasRung;
  }

  /** What came with the wake-up, once. */
  takeOffer(): Offer | undefined {
    const { offered } = this;
    this.offered = undefined;
    return offered && this.group.now() - offered.at < offerMax ? offered.offer : undefined;
  }

  readonly ring = (): void => {
    this.hasRung = true;
    this.wake?.();
  };

  /** @param text `ready`, or `ready id record` */
  private readonly hear = (text: string): void => {
    const [idAt, recordAt] = ['ready '.length, 'ready '.length + idLength + 1];
    if (text.length > recordAt) {
      const offer = { id: text.slice(idAt, recordAt - 1), record: text.slice(recordAt) };
      this.offered = { offer, at: this.group.now() };
    }
    this.ring();
  };

  close(): void {
    this.changes.unsubscribe();
    for (const member of this.group.members) this.group.inboxAt(member).unlisten(this.id);
    for (const home of this.homes) void this.requests.askUpkeep(home, `I${this.who}`);
  }
}
