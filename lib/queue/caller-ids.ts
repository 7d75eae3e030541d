import type { QuorumKvService } from '../kv/quorum-kv.service.js';
import type { Putter } from './putter.js';

/** What a register says of a caller's id. */
interface Claim {
  /** The message's own id. */
  readonly message: string;
  /** Whether a quorum has it, or had it. */
  readonly isPut: boolean;
}

/** How often a claimed message that was never put is claimed anew. */
const renewMax = 5;

/**
 * Callers' ids: a register maps each to the one message that may carry it, so that two producers never add two.
 *
 * @see docs/protocols/queue.md#callers-ids
 */
export class CallerIds {
  constructor(
    private readonly registers: QuorumKvService,
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
    await putter.learnTime();
    const key = this.key(callerId);
    const own = { message: putter.newId(), isPut: false };
    await this.registers.set(key, own, { ifAbsent: true, ttl: this.retention });
    for (let round = 0; ; round++) {
      const claim = await this.registers.get<Claim>(key);
      if (claim?.isPut) return true;
      if (!claim) {
        await this.registers.set(key, own, { ifAbsent: true, ttl: this.retention });
        continue;
      }
      // whoever claimed it may have died before it put it
      if (await putter.putUnder(claim.message, record, delay)) {
        await this.registers.compareAndSet(key, claim, { ...claim, isPut: true });
        return claim.message !== own.message;
      }
      if (round === renewMax) throw putter.noQuorum();
      // a quorum never had it and never will, see isCurrent: the id goes to a message that can still be put
      await this.registers.compareAndSet(key, claim, { message: putter.newId(), isPut: false });
    }
  }

  /**
   * Whether a message that was leased is the one that its caller's id belongs to. From then on no other can be.
   *
   * @throws NoQuorumError, OutcomeUnknownError
   */
  async isCurrent(callerId: string, message: string): Promise<boolean> {
    const key = this.key(callerId);
    for (;;) {
      const claim = await this.registers.get<Claim>(key);
      // forgotten after its retention: nobody else can claim that it is a duplicate
      if (!claim || (claim.isPut && claim.message === message)) return true;
      if (claim.message !== message) return false;
      if (await this.registers.compareAndSet(key, claim, { ...claim, isPut: true })) return true;
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

  private key(callerId: string): string {
    return `id ${this.queue.length} ${this.queue} ${callerId}`;
  }
}
