import { driftFactor, validityOf } from '../quorum/validity.js';
import type { Member } from '../member/member.js';
import type { Group } from '../quorum/group.js';
import type { Timer } from '../runtime/clock.js';
import type { LeasedMessage, Leaser, Listening } from './leaser.js';
import { createdUs } from './message-ids.js';
import type { QueueRequests } from './queue-requests.js';

/** What members tell of a message that they leased to an idle consumer as it was put: its id and the numbers of ms. */
const handedText = /^leased (\S+) (\d+) (\d+) (-?\d+) /;
/** Answers that are kept of a member: one that hands out a message may have known the consumer by the one before. */
const answersMax = 2;
/** Round trips, or ms where those are shorter, for other members to hand out a message, too. */
const handTrips = 2;
/** The same before they are asked for it. */
const askTrips = 3;
/** Part of the lease that this may take at most. */
const patienceMax = 0.2;
/** ms for which a consumer wants a message to be handed out to it at most: as long as one that hangs may keep it. */
const handedMax = 5000;
/** ms after the end for which messages that were on their way are given back. */
const lateMax = 500;

/** Who is told what becomes of a stand. */
export interface StandOwner {
  /** A member has handed out a message: the name is used up. */
  onHanded(stand: Stand): void;
  /** What a quorum leased of it, if it did. */
  onLeased(stand: Stand, leased: readonly LeasedMessage[]): void;
}

/**
 * A name under which an idle consumer stands at the members, for one message: each of them leases one that comes alone to
 * it as soon as it is put, and tells it so. A quorum that did is a lease as any other; else all members are asked for it.
 * No second message is taken under the name, so as the holder of a lease it is as new as that of any round.
 *
 * @see docs/protocols/queue.md#handing-out
 */
export class Stand {
  /** Holder of what is handed to it. */
  readonly id: string;
  /** How members know it: `inbox id lease`. */
  readonly who: string;
  private readonly group: Group;
  private readonly answers = new Map<Member, readonly Listening[]>();
  /** Members that know it. */
  private readonly places = new Set<Member>();
  /** Whether it wants to stand at others than home; what is on its way may be late. */
  private isOut = false;
  private message: LeasedMessage | undefined;
  private readonly handers = new Set<Member>();
  private readonly voters = new Set<Member>();
  private isDecided = false;
  private isGivenBack = false;
  private isClosed = false;
  private hasStood = false;
  private timer: Timer | undefined;

  constructor(
    private readonly requests: QueueRequests,
    private readonly leaser: Pick<Leaser, 'leaseHanded'>,
    private readonly owner: StandOwner,
    /** ms for which its consumer leases messages. */
    lease: number,
  ) {
    this.group = requests.group;
    this.id = this.group.random.id();
    this.who = `${this.group.keys.inbox(this.group.clientId)} ${this.id} ${Math.min(lease, handedMax)}`;
    for (const member of this.group.members) {
      this.group.inboxAt(member).listen(this.id, (text) => this.hear(member, text));
    }
  }

  /** A member knows it from now on. */
  noteListening(member: Member, listening: Listening): void {
    const before = this.answers.get(member) ?? [];
    this.hasStood = true;
    this.places.add(member);
    // two answers in one ms, or of a clock that was set back: the earlier question is the safe one
    if (before.some(({ memberMs }) => memberMs === listening.memberMs)) return;
    this.answers.set(member, [listening, ...before].slice(0, answersMax));
  }

  /** Members that do not vote may have forgotten it. */
  noteAway(): void {
    for (const member of this.places) if (member.state !== 'voting') this.places.delete(member);
  }

  /** Tells the members but home that its consumer is idle, if that is not known there since before. */
  standAtOthers(home: Member, before: number): void {
    if (this.isClosed) return;
    this.isOut = true;
    for (const member of this.group.members) {
      const [last] = this.places.has(member) ? this.answers.get(member)! : [];
      if (member !== home && (!last || last.sentAt < before)) void this.standAt(member);
    }
  }

  /** Its consumer is idle no more. @param knower member that knows by itself */
  leave(knower?: Member): void {
    this.isOut = false;
    if (knower) this.places.delete(knower);
    for (const member of this.places) this.leaveAt(member);
    this.places.clear();
  }

  /** Leaves, and gives back what is handed out to it all the same. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.leave();
    if (!this.isDecided) this.giveBackAt(this.handers);
    if (this.hasStood) this.group.clock.schedule(lateMax, this.drop, true);
    else this.drop();
  }

  /** Leaves, and hears nothing more: its message is long decided. */
  readonly drop = (): void => {
    this.leave();
    for (const member of this.group.members) this.group.inboxAt(member).unlisten(this.id);
  };

  /** What a quorum leased of it is not wanted, and was delivered to nobody. */
  refuse(): void {
    // those it was asked for at last are not only those that handed it out
    this.giveBackAt(this.group.members);
  }

  private async standAt(member: Member): Promise<void> {
    const inbox = this.group.inboxAt(member);
    if (!inbox.isOpen && !(await inbox.ready())) return;
    if (!this.isOut || this.message) return;
    const sentAt = this.group.now();
    this.hasStood = true;
    const memberMs = await this.requests.ask(member, `I${this.who}`);
    if (typeof memberMs !== 'string') return;
    // one that has handed out a message may have been asked again after that
    if (!this.isOut || this.handers.has(member)) this.leaveAt(member);
    else this.noteListening(member, { memberMs, sentAt });
  }

  private leaveAt(member: Member): void {
    this.requests.tell(member, `B${this.who}`);
  }

  /** @param text `ready`, or `leased` with a message */
  private hear(member: Member, text: string): void {
    this.places.delete(member);
    const told = handedText.exec(text);
    if (!told) return this.isClosed ? undefined : this.owner.onLeased(this, []);
    const [start, id, ms, since, age] = told as unknown as [string, string, string, string, string];
    this.handers.add(member);
    if (this.isGivenBack) return this.giveBack(member, id);
    if (!this.message) {
      this.message = this.messageOf(id, text.slice(start.length));
      this.owner.onHanded(this);
    }
    if (this.message.id !== id) this.giveBack(member, id);
    else if (!this.isDecided)
      this.count(this.message, member, Number(ms), this.leasedAfter(member, since, Number(age)));
  }

  private messageOf(id: string, record: string): LeasedMessage {
    const [askedAt, validUntil] = [this.group.now(), Infinity];
    return { id, token: createdUs(id), counted: 1, record, group: '', holder: this.id, askedAt, validUntil };
  }

  /** `group.now()` before which it did not lease what it tells of; undefined when that is not known. */
  private leasedAfter(member: Member, since: string, age: number): number | undefined {
    const listening = this.answers.get(member)?.find(({ memberMs }) => memberMs === since);
    // its clock may run faster than this one, and tells whole ms
    return listening && Math.min(this.group.now(), listening.sentAt + (age - 1) * (1 - driftFactor));
  }

  /** The validity counts from when the first of them can have leased it at the earliest: queue.md, safeguard S38. */
  private count(message: LeasedMessage, member: Member, ms: number, leasedAfter: number | undefined): void {
    const { group, voters } = this;
    if (leasedAfter !== undefined) {
      voters.add(member);
      message.askedAt = Math.min(message.askedAt, leasedAfter);
      message.validUntil = Math.min(message.validUntil, leasedAfter + validityOf(ms));
    }
    message.shortLease = ms;
    const now = group.now();
    // a vote from before that span may be of a member that forgot it since: quorum.md, safeguard S05
    const isInTime = now < message.validUntil && now - message.askedAt <= group.maxOperationTime;
    if (isInTime && voters.size >= group.quorum) {
      this.decide();
      return this.owner.onLeased(this, [message]);
    }
    if (!isInTime || voters.size + this.places.size < group.quorum) return this.giveUp();
    this.timer?.cancel();
    this.timer = group.clock.schedule(this.patience(message), this.giveUp, true);
  }

  /** ms; longer where home handed it out: consumers who were handed it elsewhere give it back before this one asks. */
  private patience({ shortLease = 0 }: LeasedMessage): number {
    const trips = this.isFirst() ? askTrips : handTrips;
    const awaited = [...this.places].filter(({ state }) => state === 'voting');
    const ms = Math.max(trips, ...awaited.map(({ roundTripMs = 0 }) => trips * roundTripMs));
    return Math.min(ms, shortLease * patienceMax);
  }

  /** Of several who were handed one message, it is for whom home named. */
  private isFirst(): boolean {
    const [home] = this.group.homesOf(this.requests.name);
    return home !== undefined && this.handers.has(home);
  }

  /** Too few handed it out in time. */
  private readonly giveUp = (): void => {
    const { message } = this;
    if (!message || this.isDecided) return;
    if (this.isFirst()) {
      this.decide();
      void this.leaser.leaseHanded(message).then((leased) => this.owner.onLeased(this, leased));
      return;
    }
    this.giveBackAt(this.handers);
    this.owner.onLeased(this, []);
  };

  private giveBackAt(members: Iterable<Member>): void {
    this.decide();
    this.isGivenBack = true;
    for (const member of members) this.giveBack(member, this.message!.id);
  }

  private giveBack(member: Member, id: string): void {
    this.requests.tell(member, `N${id} ${this.id} 0 2 `);
  }

  private decide(): void {
    this.isDecided = true;
    this.timer?.cancel();
  }
}
