import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { InvalidOptionsError } from '../errors.js';
import { nameOwner, show } from '../options/checks.js';
import { consumeDefaults } from '../queue/resolve-queue-options.js';
import { enhancersOf } from './enhancers-of.js';
import { GroupRegistry } from './group.registry.js';
import { allowed } from './messages.js';
import { resolveQueueConsumer } from './queue-consumer-options.js';
import { QueueConsumerExplorer } from './queue-consumer.explorer.js';
import type { ConsumerMethod } from './queue-consumer.explorer.js';
import { QueueHandlerFactory } from './queue-handler.factory.js';
import { QueueRegistry } from './queue.registry.js';
import { RunningConsumer } from './running-consumer.js';

/**
 * Starts the consumers of one application when all its modules are ready, and stops them before anything that they may
 * use is closed.
 */
@Injectable()
export class QueueConsumerOrchestrator implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('QueueConsumer');
  private readonly consumers: RunningConsumer[] = [];

  constructor(
    private readonly explorer: QueueConsumerExplorer,
    private readonly handlers: QueueHandlerFactory,
    private readonly groups: GroupRegistry,
    private readonly queues: QueueRegistry,
  ) {}

  /** @throws InvalidOptionsError for a group that the application does not have, and for bad options */
  async onModuleInit(): Promise<void> {
    for (const method of this.explorer.explore()) {
      const consumer = await this.prepare(method);
      if (consumer) this.consumers.push(consumer);
    }
  }

  /** Every `onModuleInit()` of the application is through. */
  onApplicationBootstrap(): void {
    for (const consumer of this.consumers) consumer.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }

  private async prepare(method: ConsumerMethod): Promise<RunningConsumer | undefined> {
    const { queue, group, own, title } = method;
    const whose = `@QueueConsumer() on ${title}()`;
    const connection = await this.groups.get(group);
    if (connection === undefined) throw new InvalidOptionsError(`group of ${whose}`, allowed.knownGroup, show(group));
    this.refuseIdleEnhancers(method, whose);

    const { enabled, consume } = resolveQueueConsumer(this.queues.consumerDefaults(group, queue), own);
    if (!enabled) {
      this.logger.log(`${title}() does not consume queue "${queue}": it is not enabled`);
      return undefined;
    }
    const deliveries = nameOwner(whose, () => connection.queues.consume(queue, consume));
    const { concurrency, drainTimeout } = { ...consumeDefaults, ...consume };
    this.logger.log(`${title}() consumes queue "${queue}" (concurrency ${concurrency})`);
    return new RunningConsumer(deliveries, this.handlers.create(method), `${title}()`, drainTimeout, this.logger);
  }

  private refuseIdleEnhancers({ prototype, name, enhancers }: ConsumerMethod, whose: string): void {
    const missing = enhancersOf(prototype, name).filter((kind) => !enhancers.includes(kind));
    if (missing.length === 0) return;
    throw new InvalidOptionsError(`enhancers of ${whose}`, allowed.enhancersOfMethod, `no ${missing.join(', no ')}`);
  }
}
