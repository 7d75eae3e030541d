import type { Member } from '../member/member.js';
import type { Connection } from '../member/transport.js';
import type { Clock } from '../runtime/clock.js';
import type { GroupKeys } from './group-keys.js';
import type { Restorer } from './restorer.js';
import { admitScript, ticketScript } from './scripts.js';
import { wipe } from './wipe.js';

/** ms a ticket lasts: when its client dies another takes over after that. */
const ticketTtl = 5000;
const ticketRenewal = 1000;
/** ms between two events that tell how far a copy is; `status()` always tells. */
const progressInterval = 1000;

/** What an episode needs of its group. */
export interface EpisodeContext {
  readonly keys: GroupKeys;
  readonly clock: Clock;
  /** A name no ticket had before: a copy under an earlier ticket of the same client must not count for a later one. */
  newTicket(): string;
  readonly restorers: readonly Restorer[];
  /** ms after which every lease given before has ended. */
  readonly leaseMax: number;
}

/** One coming back of one member, through one connection, by this client. */
export class Episode {
  phase = 'found without its marker';
  copied = 0;
  /** Clock.now() since when this client holds the ticket without a break: the member has not voted since. */
  ticketSince = Infinity;
  private renewedAt = -Infinity;
  private toldAt = -Infinity;
  private isCopying = false;
  private ticket = '';

  constructor(
    readonly member: Member,
    readonly connection: Connection,
    private readonly context: EpisodeContext,
    private readonly onPhase: (phase: string, copied: number) => void,
  ) {}

  enter(phase: string): void {
    if (phase === this.phase) return;
    this.phase = phase;
    this.onPhase(phase, this.copied);
  }

  /** Takes the ticket, or keeps it. False while another client has it or the member does not answer. */
  async holdTicket(): Promise<boolean> {
    const { clock, keys } = this.context;
    const isHeld = this.ticketSince !== Infinity;
    if (isHeld && clock.now() - this.renewedAt < ticketRenewal) return true;
    const askedAt = clock.now();
    if (!isHeld) this.ticket = this.context.newTicket();
    try {
      const args = [this.ticket, ticketTtl, isHeld ? 'renew' : 'take'];
      const [word] = (await this.member.call(ticketScript, [keys.marker, keys.ticket], args)) as string[];
      if (word !== 'TAKEN') {
        this.ticketSince = Infinity;
        if (word === 'BUSY') this.enter('another client brings it back');
        return false;
      }
    } catch {
      // not reachable: the next survey tells
      return false;
    }
    this.renewedAt = askedAt;
    // counted from the answer: the member was without its marker at some moment before
    if (!isHeld) this.ticketSince = clock.now();
    return true;
  }

  /** Lets other clients have the ticket: this one cannot act. */
  dropTicket(): void {
    if (this.ticketSince === Infinity) return;
    this.ticketSince = Infinity;
    const { keys } = this.context;
    // best effort: it ends by itself
    this.member.call(ticketScript, [keys.marker, keys.ticket], [this.ticket, ticketTtl, 'drop']).catch(() => undefined);
  }

  /**
   * Copies what all protocols know, then writes the marker. The ticket guards each step on the member.
   *
   * @returns whether the member may vote now; false also while a copy is under way
   */
  async copyAndAdmit(sources: readonly Member[], mayBeUnmarked: boolean): Promise<boolean> {
    const ticket = await this.copy(sources, mayBeUnmarked);
    return ticket !== undefined && this.admit(ticket);
  }

  /** Writes the marker of a member that has nothing to learn. */
  admitEmpty(): Promise<boolean> {
    return this.admit(this.ticket);
  }

  /** @returns the ticket under which all was copied; undefined when that failed or is under way */
  private async copy(sources: readonly Member[], mayBeUnmarked: boolean): Promise<string | undefined> {
    if (this.isCopying) return undefined;
    const { ticket } = this;
    this.isCopying = true;
    this.copied = 0;
    this.enter('copies');
    try {
      // a part would pass for the whole: what is missing in it for done (quorum.md, safeguard S32)
      if (this.member.transport.mayKeepPart && !mayBeUnmarked) await this.wipe(ticket);
      for (const restorer of this.context.restorers) {
        await restorer.restore({
          target: this.member,
          sources,
          ticket,
          leaseMax: this.context.leaseMax,
          mayBeUnmarked,
          onCopied: (count) => {
            this.copied += count;
            this.tellProgress();
            void this.holdTicket();
          },
        });
      }
      return ticket;
    } catch (error) {
      this.enter(`copy failed: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    } finally {
      this.isCopying = false;
    }
  }

  private wipe(ticket: string): Promise<void> {
    return wipe(this.member, this.context.keys, ticket, () => void this.holdTicket());
  }

  private tellProgress(): void {
    const now = this.context.clock.now();
    if (now - this.toldAt < progressInterval) return;
    this.toldAt = now;
    this.onPhase(this.phase, this.copied);
  }

  /** Writes the marker, if the member still carries the ticket. */
  private async admit(ticket: string): Promise<boolean> {
    const { keys } = this.context;
    try {
      const [word] = (await this.member.call(admitScript, [keys.marker, keys.ticket], [ticket])) as string[];
      if (word === 'LOST' && ticket === this.ticket) this.ticketSince = Infinity;
      return word === 'VOTING';
    } catch {
      return false;
    }
  }
}
