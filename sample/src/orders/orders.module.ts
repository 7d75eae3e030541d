import { Module } from '@nestjs/common';
import { MajorityRedisModule } from 'nestjs-majority-redis';
import { LabelPrinter } from './label-printer.js';
import { OrderDesk } from './order-desk.js';
import { queueNames } from './order.js';
import { OrdersController } from './orders.controller.js';
import { QueuesController } from './queues.controller.js';
import { Receipts } from './receipts.js';
import { Shipments } from './shipments.js';
import { Shipping } from './shipping.js';
import { ShopQueues } from './shop-queues.js';

/** Orders are put into a queue when they are taken, and shipped from there. */
@Module({
  imports: [
    MajorityRedisModule.registerQueue(
      { name: queueNames.orders, maxAttempts: 3, backoff: { type: 'fixed', delay: 1_000 } },
      { name: queueNames.receipts },
    ),
  ],
  controllers: [OrdersController, QueuesController],
  providers: [OrderDesk, LabelPrinter, Shipments, Shipping, Receipts, ShopQueues],
  exports: [OrderDesk],
})
export class OrdersModule {}
