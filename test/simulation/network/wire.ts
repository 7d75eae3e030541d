import type { Chance } from '../time/chance.js';
import type { Scheduler } from '../time/scheduler.js';
import type { Direction, Link, LinkedWire } from './link.js';

/** What one end of a wire gets. */
export interface WireEnd<Message> {
  onMessage(message: Message): void;
  /** The other end, or the network, ended it. Nothing comes after it. */
  onEnd(reason: string): void;
}

type Content<Message> = { readonly message: Message } | { readonly end: string };

interface Lane<Message> {
  /** On the way, in order: a connection never reorders. `at` is when it arrives at the earliest. */
  readonly parcels: { readonly at: number; readonly content: Content<Message> }[];
  /** When the last one that was sent arrives at the earliest. */
  lastAt: number;
  target: WireEnd<Message> | undefined;
  isArriving: boolean;
}

/** One connection: two directions, each in order, with delays of the link's making. */
export class Wire<There, Back> implements LinkedWire {
  private readonly lanes: { readonly there: Lane<There>; readonly back: Lane<Back> };

  constructor(
    private readonly scheduler: Scheduler,
    private readonly link: Link,
    private readonly chance: Chance,
    member: WireEnd<There>,
    client: WireEnd<Back>,
  ) {
    this.lanes = { there: emptyLane(member), back: emptyLane(client) };
    link.add(this);
  }

  sendThere(message: There): void {
    this.post('there', { message });
  }

  sendBack(message: Back): void {
    this.post('back', { message });
  }

  /**
   * The client closes it: it hears nothing more. What it sent before still travels, all of it or, as when the socket is
   * reset, only what was fast.
   */
  closeByClient(): void {
    this.lanes.back.target = undefined;
    if (this.chance.isHit(0.3)) this.lanes.there.parcels.length = this.chance.whole(0, this.lanes.there.parcels.length);
    this.post('there', { end: 'connection closed' });
  }

  /** The member's process ends or refuses: it hears nothing more; the client is told unless the host is gone too. */
  closeByMember(reason: string, isSilent: boolean): void {
    this.lanes.there.target = undefined;
    if (!isSilent) this.post('back', { end: reason });
  }

  /** What waited goes on. */
  onRestored(): void {
    this.arriveLater('there');
    this.arriveLater('back');
  }

  /** The network loses it: what is on the way is lost, and either end is told. */
  lose(): void {
    for (const direction of ['there', 'back'] as const) {
      this.lanes[direction].parcels.length = 0;
      this.post(direction, { end: 'read ECONNRESET' });
    }
  }

  private post(direction: Direction, content: Content<There | Back>): void {
    const lane = this.lanes[direction] as Lane<There | Back>;
    if (!lane.target) return;
    lane.lastAt = Math.max(lane.lastAt, this.scheduler.now + this.link.delay());
    lane.parcels.push({ at: lane.lastAt, content });
    this.arriveLater(direction);
  }

  private arriveLater(direction: Direction): void {
    const lane = this.lanes[direction];
    const [first] = lane.parcels;
    if (lane.isArriving || !first || this.link.isCut(direction)) return;
    lane.isArriving = true;
    this.scheduler.after(first.at - this.scheduler.now, () => {
      lane.isArriving = false;
      this.arrive(direction);
    });
  }

  /** The first one has arrived, unless the way was cut meanwhile. */
  private arrive(direction: Direction): void {
    const lane = this.lanes[direction] as Lane<There | Back>;
    if (this.link.isCut(direction)) return;
    const parcel = lane.parcels.shift();
    if (!parcel || !lane.target) return;
    if ('message' in parcel.content) lane.target.onMessage(parcel.content.message);
    else this.end(lane, lane.target, parcel.content.end);
    this.arriveLater(direction);
  }

  private end(lane: Lane<There | Back>, target: WireEnd<There | Back>, reason: string): void {
    lane.target = undefined;
    lane.parcels.length = 0;
    if (!this.lanes.there.target && !this.lanes.back.target) this.link.remove(this);
    target.onEnd(reason);
  }
}

function emptyLane<Message>(target: WireEnd<Message>): Lane<Message> {
  return { parcels: [], lastAt: 0, target, isArriving: false };
}
