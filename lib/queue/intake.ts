import { decodeValue } from '../kv/codec.js';
import type { KvCodec } from '../kv/kv.js';
import type { CallerIds } from './caller-ids.js';
import { HeldDelivery, type DeliveryContext } from './held-delivery.js';
import type { HomeWatch } from './home-watch.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { LeasedMessage, LeaseRound, Leaser, Waker } from './leaser.js';
import { attemptOf } from './message-attempts.js';
import { RecordReader } from './message-record.js';
import type { Backoff, BackoffFunction } from './queue.js';
import type { Putter } from './putter.js';
import type { QueueRequests } from './queue-requests.js';
import type { Settler } from './settler.js';
import type { Member } from '../member/member.js';

export interface IntakeTerms {
  readonly lease: number;
  /** The consumer's own rule, which goes before that of the message. */
  readonly backoff: Backoff | BackoffFunction | undefined;
  onEnded(delivery: HeldDelivery): void;
}

export interface Intaken {
  readonly deliveries: readonly HeldDelivery[];
  /** Whether home had something, delivered or not. */
  readonly hadMessages: boolean;
  /** ms until something may change at home by itself. */
  readonly waitMs: number;
  /** Since when home wakes this consumer, where it had nothing. */
  readonly listening: LeaseRound['listening'];
}

/** Turns leased messages into deliveries; what must not be delivered is settled here. */
export class Intake {
  private readonly reader = new RecordReader();

  constructor(
    private readonly requests: QueueRequests,
    private readonly leaser: Leaser,
    private readonly keeper: LeaseKeeper,
    private readonly settler: Settler,
    private readonly callerIds: CallerIds,
    private readonly putter: Putter,
    private readonly codec: KvCodec,
    private readonly context: DeliveryContext,
  ) {}

  /**
   * The member to ask: home, or who would be home after it.
   *
   * @throws NoQuorumError
   */
  home(watch: HomeWatch): Member {
    const { group, name } = this.requests;
    const homes = group.homesOf(name);
    const home = homes[watch.place() % homes.length];
    if (!home || group.votingCount < group.quorum) {
      throw group.noQuorum(`lease from queue "${name}"`, group.reports());
    }
    return home;
  }

  async take(count: number, home: Member, terms: IntakeTerms, waker?: Waker): Promise<Intaken> {
    const { leased, waitMs, listening } = await this.leaser.lease(count, terms.lease, home, waker);
    return { deliveries: await this.open(leased, terms), hadMessages: waitMs === 0, waitMs, listening };
  }

  /** Of leased messages those that are to be delivered. */
  async open(leased: readonly LeasedMessage[], terms: IntakeTerms): Promise<HeldDelivery[]> {
    const opened = leased.map((message) => this.openOne(message, terms));
    const deliveries: HeldDelivery[] = [];
    for (const one of opened) {
      // only messages with a caller's id have to be looked up
      const delivery = one instanceof Promise ? await one : one;
      if (delivery) deliveries.push(delivery);
    }
    return deliveries;
  }

  private openOne(
    message: LeasedMessage,
    terms: IntakeTerms,
  ): HeldDelivery | undefined | Promise<HeldDelivery | undefined> {
    const { head, body: encoded } = this.reader.read(message.record);
    if (attemptOf(message.counted) > head.maxAttempts) return this.bury(message, 'its lease ended on the last attempt');
    let body: unknown;
    try {
      body = decodeValue(this.codec, encoded);
    } catch {
      return this.bury(message, 'its body cannot be decoded');
    }
    const { lease, backoff, onEnded } = terms;
    const delivery = new HeldDelivery(this.context, message, head, body, lease, backoff, onEnded);
    this.keeper.add(delivery);
    return head.callerId === '' ? delivery : this.checked(delivery, head.callerId, message);
  }

  /** A message whose caller's id went to another one is none. */
  private async checked(
    delivery: HeldDelivery,
    callerId: string,
    message: LeasedMessage,
  ): Promise<HeldDelivery | undefined> {
    try {
      if (await this.callerIds.isCurrent(callerId, message.id, message.record, this.putter)) return delivery;
      await delivery.ack();
    } catch {
      // it is not known: it comes again
      await delivery.giveBack().catch(() => undefined);
    }
    return undefined;
  }

  private bury(message: LeasedMessage, reason: string): undefined {
    // where that fails the lease ends, and the next one that gets it buries it
    this.settler.reject(message, reason).catch(() => undefined);
    return undefined;
  }
}
