import { createHash } from 'node:crypto';
import type { QuorumKvService } from '../kv/quorum-kv.service.js';
import type { Group } from '../quorum/group.js';
import { pause } from '../runtime/pause.js';
import type { MemberClock } from './member-clock.js';
import { createdUs } from './message-ids.js';
import type { Putter } from './putter.js';

/** What a register says of a caller's id. */
interface Claim {
  /** The message's own id. */
  readonly message: string;
  /** Of what was to be put under it: a message must not have two contents. */
  readonly digest: string;
  /** Whether a quorum has it, or had it: from then on the claim stays as it is. */
  readonly isPut: boolean;
}

/** How often a claimed message that was never put is claimed anew. */
const renewMax = 5;
/** ms between two looks at the claim of a producer that is about to put another content, at most. */
const lookMax = 50;

/**
 * Callers' ids: a register maps each to the one message that may carry it, so that two producers never add two.
 *
 * @see docs/protocols/queue.md#callers-ids
 */
export class CallerIds {
  constructor(
    private readonly group: Group,
    private readonly registers: QuorumKvService,
    private readonly clock: MemberClock,
    private readonly queue: string,
    /** ms */
    private readonly retention: number,
  ) {}

  /**
   * Puts the message of a caller's id, unless it was put before.
   *
   * @returns whether it was
   * @throws NoQuorumError, OutcomeUnknownError
   */
  async put(callerId: string, record: string, delay: number, putter: Putter): Promise<boolean> {
    const key = this.key(callerId);
    const digest = createHash('sha256').update(record).digest('base64url');
    const own = new Set<string>();
    const claimNew = async (): Promise<Claim> => {
      const message = await putter.newId();
      own.add(message);
      return { message, digest, isPut: false };
    };
    let watched = { message: '', since: 0 };
    for (let renewals = 0; ;) {
      const claim = await this.registers.get<Claim>(key);
      if (claim?.isPut) return !own.has(claim.message);
      if (!claim) {
        await this.registers.set(key, await claimNew(), { ifAbsent: true, ttl: this.retention });
        continue;
      }
      if (claim.digest === digest) {
        // whoever claimed it may have died before it put it
        const isPut = await putter.putUnder(claim.message, record, delay);
        if (isPut && (await this.registers.compareAndSet(key, claim, { ...claim, isPut: true }))) {
          return !own.has(claim.message);
        }
        // somebody else was faster: the claim says how it ended
        if (isPut) continue;
      } else {
        const { message } = claim;
        if (message !== watched.message) watched = { message, since: this.group.now() };
        if (this.isFresh(claim, watched.since)) {
          await pause(this.group.clock, lookMax * this.group.random.fraction());
          continue;
        }
      }
      // it may be put by nobody any more, or stands on some members only, see isCurrent: the id goes to another message
      if (renewals++ === renewMax) throw putter.noQuorum();
      await this.registers.compareAndSet(key, claim, await claimNew());
    }
  }

  /**
   * Whether a message that was leased is the one that its caller's id belongs to. From then on no other can be.
   *
   * @throws NoQuorumError also when it stands on too few members yet, OutcomeUnknownError
   */
  async isCurrent(callerId: string, message: string, record: string, putter: Putter): Promise<boolean> {
    const key = this.key(callerId);
    for (;;) {
      const claim = await this.registers.get<Claim>(key);
      // forgotten after its retention: nobody else can claim that it is a duplicate
      if (!claim) return true;
      if (claim.isPut) return claim.message === message;
      // the one that is claimed may never be put, this one is here; what is claimed as put must be safe
      if (!(await putter.putUnder(message, record, 0))) throw putter.noQuorum();
      if (await this.registers.compareAndSet(key, claim, { ...claim, message, isPut: true })) return true;
    }
  }

  /** The message's own id; undefined when the caller's id is not known. */
  async messageOf(callerId: string): Promise<string | undefined> {
    return (await this.registers.get<Claim>(this.key(callerId)))?.message;
  }

  /** Forgets a caller's id, so that it can be used again. */
  async forget(callerId: string): Promise<void> {
    await this.registers.delete(this.key(callerId));
  }

  /**
   * Whether the producer of a claim may be about to put its message.
   *
   * @param since `group.now()` when it was first seen
   */
  private isFresh({ message }: Claim, since: number): boolean {
    const { maxOperationTime } = this.group;
    // the clock that the id is from may be hours ahead
    if (this.group.now() - since > maxOperationTime) return false;
    return createdUs(message) > this.clock.wallUs() - maxOperationTime * 1000;
  }

  private key(callerId: string): string {
    return `id ${this.queue.length} ${this.queue} ${callerId}`;
  }
}
