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
  /** Whether this client made the ticket, in this episode or an earlier one. */
  isOwnTicket(ticket: string): boolean;
  readonly restorers: readonly Restorer[];
  /** ms after which every lease given before has ended. */
  readonly leaseMax: number;
}

/** What came of asking for a ticket. `missing`: the member did not answer, or it ended; it is asked for again. */
export type TicketState = 'held' | 'busy' | 'missing';

/** One coming back of one member, in one life of its server, by this client. */
export class Episode {
  phase = 'found without its marker';
  copied = 0;
  /** Clock.now() since when this client holds the ticket without a break: the member has not voted since. */
  ticketSince = Infinity;
  private renewedAt = -Infinity;
  private toldAt = -Infinity;
  private isCopying = false;
  private ticket = '';
  private needsNewName = false;

  constructor(
    readonly member: Member,
    private through: Connection,
    private readonly context: EpisodeContext,
    private readonly onPhase: (phase: string, copied: number) => void,
  ) {}

  /** The one through which it was seen last. */
  get connection(): Connection {
    return this.through;
  }

  /**
   * Goes on through a new connection to the same life of the server, with the ticket, but under a new name: what was sent
   * under the former one may be executed late, and remove or change what is copied from now on (quorum.md, S36).
   */
  resume(connection: Connection): void {
    if (connection === this.through) return;
    this.through = connection;
    this.needsNewName = true;
  }

  enter(phase: string): void {
    if (phase === this.phase) return;
    this.phase = phase;
    this.onPhase(phase, this.copied);
  }

  /** Takes the ticket, or keeps it. One that is not asked for again ends by itself, and another client may have it. */
  async holdTicket(): Promise<TicketState> {
    const { clock } = this.context;
    const isHeld = this.ticketSince !== Infinity;
    if (isHeld && !this.needsNewName && clock.now() - this.renewedAt < ticketRenewal) return 'held';
    const askedAt = clock.now();
    const before = this.ticket;
    const name = isHeld && !this.needsNewName ? before : this.context.newTicket();
    const [word, holder] = await this.ask(isHeld ? 'renew' : 'take', name, before);
    if (word === undefined) return 'missing';
    if (word === 'TAKEN') {
      this.ticket = name;
      this.needsNewName = false;
      this.renewedAt = askedAt;
      // counted from the answer: the member was without its marker at some moment before
      if (!isHeld) this.ticketSince = clock.now();
      return 'held';
    }
    this.ticketSince = Infinity;
    if (word !== 'BUSY') return 'missing';
    if (this.context.isOwnTicket(holder!)) {
      // of an earlier life of the server, or one whose answer was lost
      await this.ask('drop', holder!);
      return 'missing';
    }
    this.enter('another client brings it back');
    return 'busy';
  }

  /** Lets other clients have the ticket: this one cannot act. */
  dropTicket(): void {
    if (this.ticketSince === Infinity) return;
    this.ticketSince = Infinity;
    // best effort: it ends by itself
    void this.ask('drop', this.ticket);
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

  /** What the member says; nothing when it cannot be reached, which the next survey tells. */
  private async ask(
    what: 'take' | 'renew' | 'drop',
    ticket: string,
    before = ticket,
  ): Promise<Partial<[word: string, holder: string]>> {
    const { keys } = this.context;
    try {
      const args = [ticket, ticketTtl, what, before];
      const answer = await this.member.call(ticketScript, [keys.marker, keys.ticket], args);
      return answer as [word: string, holder: string];
    } catch {
      return [];
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
