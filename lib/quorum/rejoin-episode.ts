import type { Member } from '../member/member.js';
import type { Connection } from '../member/transport.js';
import type { Clock } from '../runtime/clock.js';
import type { GroupKeys } from './group-keys.js';
import type { Restorer } from './restorer.js';
import { admitScript, ticketScript } from './scripts.js';

/** ms a ticket lasts: when its client dies another takes over after that. */
const ticketTtl = 5000;
const ticketRenewal = 1000;

/** What an episode needs of its group. */
export interface EpisodeContext {
  readonly keys: GroupKeys;
  readonly clientId: string;
  readonly clock: Clock;
  readonly restorers: readonly Restorer[];
}

/** One coming back of one member, through one connection, by this client. */
export class Episode {
  phase = 'found without its marker';
  copied = 0;
  /** Clock.now() since when this client holds the ticket without a break: the member has not voted since. */
  ticketSince = Infinity;
  private renewedAt = -Infinity;
  private isCopying = false;

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
    const { clock, keys, clientId } = this.context;
    const isHeld = this.ticketSince !== Infinity;
    if (isHeld && clock.now() - this.renewedAt < ticketRenewal) return true;
    const askedAt = clock.now();
    try {
      const args = [clientId, ticketTtl, isHeld ? 'renew' : 'take'];
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

  /** Copies what all protocols know. False when it failed or is under way; the ticket guards each step on the member. */
  async copyFrom(sources: readonly Member[], mayBeUnmarked: boolean): Promise<boolean> {
    if (this.isCopying) return false;
    this.isCopying = true;
    this.copied = 0;
    this.enter('copies');
    try {
      for (const restorer of this.context.restorers) {
        await restorer.restore({
          target: this.member,
          sources,
          clientId: this.context.clientId,
          mayBeUnmarked,
          onCopied: (count) => {
            this.copied += count;
            this.onPhase(this.phase, this.copied);
          },
        });
      }
      return true;
    } catch (error) {
      this.enter(`copy failed: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    } finally {
      this.isCopying = false;
    }
  }

  /** Writes the marker, if the ticket is still ours. */
  async admit(): Promise<boolean> {
    const { keys, clientId } = this.context;
    try {
      const [word] = (await this.member.call(admitScript, [keys.marker, keys.ticket], [clientId])) as string[];
      if (word === 'LOST') this.ticketSince = Infinity;
      return word === 'VOTING';
    } catch {
      return false;
    }
  }
}
