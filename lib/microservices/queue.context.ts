import { BaseRpcContext } from '@nestjs/microservices';
import type { Delivery } from '../queue/queue.js';

/** What an event handler gets by `@Ctx()`. */
export class QueueContext<T = unknown> extends BaseRpcContext<[Delivery<T>]> {
  /** The message under its lease: id, attempt, token and signal; it may be settled by hand. */
  getDelivery(): Delivery<T> {
    return this.args[0];
  }

  /** Name of the queue, which is the pattern. */
  getQueue(): string {
    return this.args[0].queue;
  }
}
