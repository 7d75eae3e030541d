import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectQueue, Queue } from 'nestjs-majority-redis';
import { queueNames } from './order.js';
import type { Order } from './order.js';

/** The shop's queues by their names. */
@Injectable()
export class ShopQueues {
  readonly all: readonly Queue[];

  constructor(
    @InjectQueue(queueNames.orders) orders: Queue<Order>,
    @InjectQueue(queueNames.receipts) receipts: Queue<string>,
  ) {
    this.all = [orders, receipts] as Queue[];
  }

  /** @throws NotFoundException */
  get(name: string): Queue {
    const queue = this.all.find((one) => one.name === name);
    if (queue) return queue;
    throw new NotFoundException(`There is no queue "${name}". Queues: ${this.all.map((one) => one.name).join(', ')}`);
  }
}
