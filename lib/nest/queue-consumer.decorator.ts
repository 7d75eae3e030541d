import 'reflect-metadata';
import { InvalidOptionsError } from '../errors.js';
import { show } from '../options/checks.js';
import type { Delivery } from '../queue/queue.js';
import { checkQueueName } from '../queue/resolve-queue-options.js';
import { allowed } from './messages.js';
import { addQueueConsumerMetadata } from './queue-consumer-metadata.accessor.js';
import { checkQueueConsumerOptions } from './queue-consumer-options.js';
import type { QueueConsumerOptions } from './queue-consumer-options.js';

/** Decorates a method that takes a delivery, of whatever type of body. */
export type QueueConsumerDecorator = <
  // `any`, so that the method may name the type of its bodies
  // oxlint-disable-next-line typescript/no-explicit-any
  Method extends (delivery: Delivery<any>) => unknown,
>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/**
 * Lets a provider's method handle the messages of a queue, from the bootstrap of the application to its shutdown.
 *
 * When what the method returns resolves (or, as an Observable, completes), the message is acknowledged; when it throws,
 * the message comes again after its backoff, or becomes a dead letter after its last attempt, or at once for an
 * `UnrecoverableMessageError`. A method may also settle the delivery itself. `delivery.signal` aborts when the lease
 * is lost: somebody else may get the message.
 *
 * ```ts
 * @QueueConsumer('emails', { concurrency: 4 })
 * async send({ body, signal }: Delivery<Email>) {
 *   await this.smtp.send(body, { signal });
 * }
 * ```
 *
 * @param options those of `consume()`, `enabled`, `group` and `enhancers`; each `concurrency` counts for this method
 * of this instance
 * @throws InvalidOptionsError where it decorates, for a bad queue, bad options or what is no method
 * @see docs/guides/queue.md#consume-with-nest
 */
export function QueueConsumer(queue: string, options: QueueConsumerOptions = {}): QueueConsumerDecorator {
  checkQueueName(queue);
  const checked = checkQueueConsumerOptions(options);
  return (target, name, descriptor) => {
    const method: unknown = descriptor?.value;
    if (typeof target === 'function' || typeof method !== 'function') {
      throw new InvalidOptionsError('target of @QueueConsumer()', allowed.consumerMethod, show(String(name)));
    }
    addQueueConsumerMetadata(method, Object.freeze({ ...checked, queue }));
  };
}
