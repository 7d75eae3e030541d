import { Injectable } from '@nestjs/common';
import { InjectQueue, Queue } from 'nestjs-majority-redis';
import type { PutReceipt } from 'nestjs-majority-redis';
import type { Sale } from '../seats/seat-store.js';
import { queueNames } from './order.js';
import type { Order } from './order.js';

/** Takes orders: what is in the queue will be shipped, whichever minority of the members is lost. */
@Injectable()
export class OrderDesk {
  constructor(@InjectQueue(queueNames.orders) private readonly orders: Queue<Order>) {}

  /**
   * Orders the ticket of a sold seat. The id makes it one order, however often it is put.
   *
   * @throws NoQuorumError; OutcomeUnknownError
   */
  orderTicket(seat: string, sale: Sale): Promise<PutReceipt> {
    return this.orders.put({ buyer: sale.buyer, item: `ticket for seat ${seat}` }, { id: idOf(seat, sale) });
  }

  /**
   * Takes the order of a ticket back, as long as nobody is shipping it.
   *
   * @throws NoQuorumError; OutcomeUnknownError
   */
  cancelTicket(seat: string, sale: Sale): Promise<boolean> {
    return this.orders.remove(idOf(seat, sale));
  }

  /** @throws NoQuorumError */
  order(orders: readonly Order[]): Promise<PutReceipt[]> {
    return this.orders.putAll(orders.map((body) => ({ body })));
  }
}

function idOf(seat: string, { token }: Sale): string {
  return `ticket-${seat}-${token}`;
}
