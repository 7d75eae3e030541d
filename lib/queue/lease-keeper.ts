import type { Clock, Timer } from '../runtime/clock.js';
import { validityOf } from '../quorum/validity.js';
import type { Leaser } from './leaser.js';
import type { HeldDelivery } from './held-delivery.js';

/** Part of the lease after which it is extended. */
const extendAfter = 1 / 3;
/** ms before an extension that met no quorum is tried again, as a part of the lease, and at least. */
const retryAfter = 1 / 20;
const retryMin = 10;
/** Leases that are extended in one request. */
const extendMax = 500;

/** Extends the leases of all deliveries of one queue while they are held, many in one request, and notices losses. */
export class LeaseKeeper {
  private readonly held = new Set<HeldDelivery>();
  private timer: Timer | undefined;
  private wakesAt = Infinity;

  constructor(
    private readonly leaser: Pick<Leaser, 'extend'>,
    private readonly clock: Clock,
  ) {}

  get size(): number {
    return this.held.size;
  }

  get deliveries(): readonly HeldDelivery[] {
    return [...this.held];
  }

  add(delivery: HeldDelivery): void {
    delivery.extendAt = delivery.message.askedAt + leaseOf(delivery) * extendAfter;
    this.held.add(delivery);
    this.wakeBy(Math.min(delivery.extendAt, delivery.validUntil));
  }

  remove(delivery: HeldDelivery): void {
    this.held.delete(delivery);
    if (this.held.size > 0) return;
    this.timer?.cancel();
    this.wakesAt = Infinity;
  }

  /** Extends one now, to a lease of its own. @returns whether a quorum did */
  async extend(delivery: HeldDelivery, lease: number): Promise<boolean> {
    delivery.lease = lease;
    return (await this.ask([delivery], lease))[0]!;
  }

  private wakeBy(at: number): void {
    if (at >= this.wakesAt) return;
    this.timer?.cancel();
    this.wakesAt = at;
    this.timer = this.clock.schedule(Math.max(0, at - this.clock.now()), this.look, true);
  }

  private readonly look = (): void => {
    this.wakesAt = Infinity;
    const now = this.clock.now();
    const due = new Map<number, HeldDelivery[]>();
    let next = Infinity;
    for (const delivery of this.held) {
      if (delivery.validUntil <= now) {
        this.held.delete(delivery);
        delivery.lose();
        continue;
      }
      if (delivery.extendAt <= now) {
        delivery.extendAt = now + Math.max(retryMin, leaseOf(delivery) * retryAfter);
        const same = due.get(delivery.lease);
        if (same) same.push(delivery);
        else due.set(delivery.lease, [delivery]);
      }
      next = Math.min(next, delivery.extendAt, delivery.validUntil);
    }
    for (const [lease, deliveries] of due) {
      for (let at = 0; at < deliveries.length; at += extendMax) {
        void this.ask(deliveries.slice(at, at + extendMax), lease);
      }
    }
    if (next < Infinity) this.wakeBy(next);
  };

  private async ask(deliveries: readonly HeldDelivery[], lease: number): Promise<boolean[]> {
    const askedAt = this.clock.now();
    const extended = await this.leaser.extend(
      deliveries.map(({ message }) => message),
      lease,
    );
    const validUntil = askedAt + validityOf(lease);
    return deliveries.map((delivery, index) => {
      // one that was lost meanwhile does not come back to life
      if (!extended[index] || !delivery.isHeld || this.clock.now() >= validUntil) return false;
      delivery.validUntil = Math.max(delivery.validUntil, validUntil);
      delivery.message.shortLease = undefined;
      delivery.extendAt = askedAt + lease * extendAfter;
      this.wakeBy(delivery.extendAt);
      return true;
    });
  }
}

/** ms for which it is leased: one that was handed out not for as long as it is wanted, until it is extended. */
function leaseOf({ lease, message }: HeldDelivery): number {
  return Math.min(lease, message.shortLease ?? Infinity);
}
