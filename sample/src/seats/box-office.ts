import { setTimeout } from 'node:timers/promises';
import { ConflictException, Injectable, Logger } from '@nestjs/common';
import { LockService, WithMajorityLock } from 'nestjs-majority-redis';
import type { Lock } from 'nestjs-majority-redis';
import { OrderDesk } from '../orders/order-desk.js';
import { SalesCounters } from './sales-counters.js';
import { SeatStore } from './seat-store.js';
import type { Sale } from './seat-store.js';

/** What the buyer gets, with what the members said about the lock. */
export interface Receipt extends Sale {
  readonly seat: string;
  readonly votes: Readonly<Record<string, string>>;
}

/** Sells seats, each under its own majority lock `seat:<id>`, and orders their tickets. */
@Injectable()
export class BoxOffice {
  private readonly logger = new Logger(BoxOffice.name);

  constructor(
    private readonly locks: LockService,
    private readonly seats: SeatStore,
    private readonly counters: SalesCounters,
    private readonly orders: OrderDesk,
  ) {}

  /**
   * Sells a seat. The lock extends itself for as long as the payment takes.
   *
   * @param paymentMs how long the payment takes, ms
   * @throws ConflictException when the seat is sold; LockUnavailableError when another is just selling it; NoQuorumError;
   * LockLostError when the lock is lost during the payment; OutcomeUnknownError when members failed during the write
   */
  @WithMajorityLock('seat:{0}')
  async sell(seatId: string, buyer: string, paymentMs: number): Promise<Receipt> {
    const lock = this.locks.current()!;
    await this.refuseIfSold(seatId);
    const votes = await this.votes(seatId);
    // The signal ends the payment when the lock is lost, so that nobody pays for a seat that another may get.
    await setTimeout(paymentMs, undefined, { signal: lock.signal }).catch(() => lock.signal.throwIfAborted());
    return this.write(seatId, buyer, lock, votes);
  }

  /**
   * Sells a seat as a process would that falls asleep in the middle (a long garbage collection, a laptop's lid): nobody
   * extends its lock meanwhile, and it does not look at the signal when it wakes up. Only the fencing token stops it.
   *
   * @param asleepMs how long it sleeps, ms
   * @throws StaleTokenError when another has sold the seat meanwhile; ConflictException, LockUnavailableError,
   * NoQuorumError and OutcomeUnknownError as in `sell()`
   */
  async sellAsleep(seatId: string, buyer: string, asleepMs: number): Promise<Receipt> {
    return this.locks.using(`seat:${seatId}`, { autoExtend: false }, async (lock) => {
      await this.refuseIfSold(seatId);
      const votes = await this.votes(seatId);
      this.logger.log(`seat ${seatId}: its seller falls asleep for ${asleepMs} ms (token ${lock.token})`);
      await setTimeout(asleepMs);
      return this.write(seatId, buyer, lock, votes);
    });
  }

  /**
   * Gives a seat back, so that it can be sold again.
   *
   * @throws ConflictException when it is not sold; LockUnavailableError, NoQuorumError and OutcomeUnknownError as in
   * `sell()`
   */
  @WithMajorityLock('seat:{0}')
  async giveBack(seatId: string): Promise<void> {
    const sale = await this.seats.findSale(seatId);
    if (!sale) throw new ConflictException(`Seat ${seatId} is not sold`);
    await this.seats.remove(seatId, this.locks.current()!);
    await Promise.all([this.counters.add(seatId, -1), this.orders.cancelTicket(seatId, sale)]);
    this.logger.log(`seat ${seatId} given back`);
  }

  private async refuseIfSold(seatId: string): Promise<void> {
    const sale = await this.seats.findSale(seatId);
    if (sale) throw new ConflictException(`Seat ${seatId} is sold to ${sale.buyer} (token ${sale.token})`);
  }

  private async votes(seatId: string): Promise<Receipt['votes']> {
    const { votes } = await this.locks.inspect(`seat:${seatId}`);
    return Object.fromEntries(votes.map(({ member, said }) => [member, said]));
  }

  private async write(seatId: string, buyer: string, lock: Lock, votes: Receipt['votes']): Promise<Receipt> {
    const sale = { buyer, token: lock.token, soldAt: new Date().toISOString() };
    await this.seats.write(seatId, sale, lock);
    await Promise.all([this.counters.add(seatId, 1), this.orders.orderTicket(seatId, sale)]);
    this.logger.log(`seat ${seatId} sold to ${buyer} (token ${lock.token})`);
    return { seat: seatId, ...sale, votes };
  }
}
