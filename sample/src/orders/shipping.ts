import { Injectable, Logger } from '@nestjs/common';
import { InjectQueue, Queue, QueueConsumer } from 'nestjs-majority-redis';
import type { Delivery } from 'nestjs-majority-redis';
import { LabelPrinter } from './label-printer.js';
import { queueNames } from './order.js';
import type { Order } from './order.js';
import { Shipments } from './shipments.js';

/** Ships orders, two at a time. An order that fails is tried again, three times in all; then it is a dead letter. */
@Injectable()
export class Shipping {
  private readonly logger = new Logger(Shipping.name);

  constructor(
    private readonly printer: LabelPrinter,
    private readonly shipments: Shipments,
    @InjectQueue(queueNames.receipts) private readonly receipts: Queue<string>,
  ) {}

  @QueueConsumer(queueNames.orders, { concurrency: 2 })
  async ship(delivery: Delivery<Order>): Promise<void> {
    const { id, body, attempt, signal } = delivery;
    const label = await this.printer.print(body.buyer, signal);
    await this.shipments.write({ order: id, item: body.item, label, attempts: attempt }, delivery);
    // an id made of the order's: one that is shipped again gets no second receipt
    await this.receipts.put(`${body.item}, ${label}`, { id: `receipt-${id}` });
    this.logger.log(`order ${id} shipped (attempt ${attempt})`);
  }
}
