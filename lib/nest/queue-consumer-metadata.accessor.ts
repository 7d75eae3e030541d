import type { CheckedQueueConsumerOptions } from './queue-consumer-options.js';
import { queueConsumerMetadata } from './tokens.js';

/** What a method consumes, as `@QueueConsumer()` was told. */
export interface QueueConsumerMetadata extends CheckedQueueConsumerOptions {
  readonly queue: string;
}

/**
 * The queues that a method consumes; empty for a method without.
 *
 * @param method the function, for example `Mailer.prototype.send` or `context.getHandler()`
 */
export function getQueueConsumerMetadata(method: object): readonly QueueConsumerMetadata[] {
  return (Reflect.getMetadata(queueConsumerMetadata, method) as QueueConsumerMetadata[] | undefined) ?? [];
}

/** Adds a queue that the method consumes. */
export function addQueueConsumerMetadata(method: object, consumer: QueueConsumerMetadata): void {
  const all = Object.freeze([consumer, ...getQueueConsumerMetadata(method)]);
  Reflect.defineMetadata(queueConsumerMetadata, all, method);
}
