import { Logger } from '@nestjs/common';
import { Server } from '@nestjs/microservices';
import type { CustomTransportStrategy, MessageHandler } from '@nestjs/microservices';
import { InvalidOptionsError } from '../errors.js';
import { settled } from '../nest/handle-delivery.js';
import { nameOwner } from '../options/checks.js';
import { RunningConsumer } from '../nest/running-consumer.js';
import { show } from '../options/checks.js';
import type { Delivery } from '../queue/queue.js';
import type { QueueService } from '../queue/queue.service.js';
import { checkQueueName, consumeDefaults } from '../queue/resolve-queue-options.js';
import { allowed } from './messages.js';
import { QueueContext } from './queue.context.js';
import { checkStrategyOptions, consumerOf } from './queue-strategy-options.js';
import type { MajorityRedisQueueStrategyOptions, QueuePatternExtras } from './queue-strategy-options.js';
import { queueTransport } from './queue-transport.js';

/**
 * Serves `@EventPattern('emails')` handlers from queues: each pattern is the name of a queue, its payload the body, its
 * context a `QueueContext`. A handler that is through acknowledges the message; one that fails has it come again after
 * its backoff, or made a dead letter after its last attempt. Where several handlers have one pattern, all of them must be
 * through, and all get the message again when one fails.
 *
 * ```ts
 * app.connectMicroservice({ strategy: new MajorityRedisQueueStrategy({ queues: app.get(QueueService) }) });
 * ```
 *
 * `@MessagePattern()` is refused with InvalidOptionsError when the application connects it: a queue has no replies.
 *
 * @throws InvalidOptionsError for bad options
 * @see docs/guides/queue.md#as-a-microservice
 */
export class MajorityRedisQueueStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = queueTransport;
  /** What fails is logged here, with what becomes of the message. */
  override readonly propagatesEventHandlerErrors = true;
  private readonly failures = new Logger('MajorityRedisQueueStrategy');
  private readonly options: MajorityRedisQueueStrategyOptions;
  private consumers: readonly RunningConsumer[] = [];

  constructor(options: MajorityRedisQueueStrategyOptions) {
    super();
    this.options = checkStrategyOptions(options);
  }

  /** @throws InvalidOptionsError for what is no event, and for a pattern that is no name of a queue */
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    if (!isEventHandler) throw new InvalidOptionsError('pattern of a queue', allowed.event, show(pattern));
    if (typeof pattern !== 'string') throw new InvalidOptionsError('pattern', allowed.pattern, show(pattern));
    checkQueueName(pattern);
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  /** Called by Nest: starts a consumer for each pattern. */
  override listen(callback: (error?: unknown) => void): void {
    try {
      this.consumers = [...this.messageHandlers].map(([queue, handler]) => this.consumerOf(queue, handler));
    } catch (error) {
      return callback(error);
    }
    for (const consumer of this.consumers) consumer.start();
    callback();
  }

  /** Called by Nest before the group closes: leases no more, lets handlers finish for `drainTimeout`, gives back the rest. */
  override async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }

  /** A queue has no events of its own: subscribe to `MajorityRedisService.events$`. */
  override on(event: string): never {
    throw new InvalidOptionsError('event', 'one of MajorityRedisService.events$', show(event));
  }

  /** The `QueueService`. */
  override unwrap<T = QueueService>(): T {
    return this.options.queues as T;
  }

  private consumerOf(queue: string, handler: MessageHandler): RunningConsumer {
    const { queues, consumer } = this.options;
    const title = `@EventPattern(${JSON.stringify(queue)})`;
    const options = consumerOf(consumer, handler.extras as QueuePatternExtras | undefined);
    const deliveries = nameOwner(title, () => queues.consume(queue, options));
    const { drainTimeout } = { ...consumeDefaults, ...options };
    return new RunningConsumer(deliveries, (it) => this.handle(it, handler), title, drainTimeout, this.failures);
  }

  /** Between the hooks that tracers set. */
  private handle(delivery: Delivery, handler: MessageHandler): Promise<unknown> {
    const context = new QueueContext([delivery]);
    return new Promise((resolve, reject) => {
      this.onProcessingStartHook(this.transportId, context, async () => {
        await settled(() => handler(delivery.body, context)).then(resolve, reject);
        this.onProcessingEndHook?.(this.transportId, context);
      });
    });
  }
}
