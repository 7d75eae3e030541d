import type { Subscription } from 'rxjs';
import type { Member } from '../member/member.js';
import type { Group } from '../quorum/group.js';
import { pause } from '../runtime/pause.js';
import type { LeasedMessage, Leaser, Listening } from './leaser.js';
import type { QueueRequests } from './queue-requests.js';
import { Stand, type StandOwner } from './stand.js';

/** ms an idle consumer lets its inbox take to be opened. */
const subscribeMax = 200;
/** Former names under which it still hears: a member may name one before it knows that it is left. */
const formerMax = 16;
/** ms after which a member that is not home is told again that this consumer is idle. */
const standAgainAfter = 1000;

/**
 * What wakes an idle consumer: home names it when a message becomes ready, and home may change when members come or go.
 * A message that comes alone is handed to it by the members at which it stands.
 */
export class Bell implements StandOwner {
  private readonly group: Group;
  private stand: Stand;
  /** Those before, the last one first: its message others may be handing out yet, and the rest may still be woken. */
  private readonly former: Stand[] = [];
  private handed: { readonly stand: Stand; readonly message: LeasedMessage }[] = [];
  private isRefusing = false;
  private hasRung = false;
  private isClosed = false;
  private wake: (() => void) | undefined;
  private readonly homes = new Set<Member>();
  private readonly changes: Subscription;

  constructor(
    private readonly requests: QueueRequests,
    private readonly leaser: Leaser,
    /** ms for which its consumer leases messages. */
    private readonly lease: number,
  ) {
    this.group = requests.group;
    this.stand = this.newStand();
    this.changes = this.group.events.subscribe(({ type }) => {
      if (type !== 'member') return;
      this.stand.noteAway();
      this.ring();
    });
  }

  /** How members know it now. */
  get who(): string {
    return this.stand.who;
  }

  /** Opens the inbox at home, before home is told to wake it. Without an inbox it polls. */
  async open(home: Member, signal: AbortSignal): Promise<void> {
    const inbox = this.group.inboxAt(home);
    this.homes.add(home);
    if (!inbox.isOpen) await Promise.race([inbox.ready(), pause(this.group.clock, subscribeMax, signal)]);
  }

  /** Home had nothing for `who`, and wakes it from now on. */
  noteListening(home: Member, who: string, listening: Listening | undefined): void {
    if (!listening) return;
    if (who === this.who && !this.isClosed) this.stand.noteListening(home, listening);
    // it was handed a message under that name meanwhile, or ended
    else this.requests.tell(home, `B${who}`);
  }

  /** Tells the other members that this consumer is idle. */
  standAtOthers(home: Member): void {
    this.stand.standAtOthers(home, this.group.now() - standAgainAfter);
  }

  /** This consumer got something from home: it is idle no more. */
  leaveOthers(home: Member): void {
    this.stand.leave(home);
  }

  /**
   * Returns when it rings, at once if it has rung since; or after `ms`, or when the signal aborts.
   *
   * @returns whether it rang
   */
  async rest(ms: number, signal: AbortSignal): Promise<boolean> {
    if (!this.hasRung && !signal.aborted) {
      const woken = new AbortController();
      const wake = (): void => woken.abort();
      this.wake = wake;
      signal.addEventListener('abort', wake, { once: true });
      await pause(this.group.clock, ms, woken.signal);
      signal.removeEventListener('abort', wake);
      this.wake = undefined;
    }
    const { hasRung } = this;
    this.hasRung = false;
    return hasRung;
  }

  /** What was handed to it since, and nobody else can have yet. */
  takeHanded(): readonly LeasedMessage[] {
    this.isRefusing = false;
    if (this.handed.length === 0) return [];
    const { handed } = this;
    this.handed = [];
    return handed.map(({ message }) => message).filter(({ validUntil }) => this.group.now() < validUntil);
  }

  /** What was handed to it goes back, and so does what comes until something is taken. */
  refuseHanded(): void {
    this.isRefusing = true;
    for (const { stand } of this.handed) stand.refuse();
    this.handed = [];
  }

  readonly ring = (): void => {
    this.hasRung = true;
    this.wake?.();
  };

  close(): void {
    this.isClosed = true;
    this.changes.unsubscribe();
    this.refuseHanded();
    const { who } = this;
    for (const stand of [this.stand, ...this.former]) stand.close();
    for (const home of this.homes) void this.requests.askUpkeep(home, `I${who}`);
  }

  /** @internal */
  onHanded(): void {
    this.former[0]?.leave();
    this.former.unshift(this.stand);
    if (this.former.length > formerMax) this.former.pop()!.drop();
    this.stand = this.newStand();
  }

  /** @internal */
  onLeased(stand: Stand, leased: readonly LeasedMessage[]): void {
    for (const message of leased) this.handed.push({ stand, message });
    if (this.isRefusing) this.refuseHanded();
    this.ring();
  }

  private newStand(): Stand {
    return new Stand(this.requests, this.leaser, this, this.lease);
  }
}
