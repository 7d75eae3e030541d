import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { InvalidOptionsError } from '../errors.js';
import { show } from '../options/checks.js';
import type { Queue } from '../queue/queue-handle.js';
import { GroupRegistry } from './group.registry.js';
import { allowed } from './messages.js';
import { checkConsumerDefaults } from './queue-consumer-options.js';
import type { QueueConsumerDefaults } from './queue-consumer-options.js';
import type { QueueRegistrationOptions } from './queue-registration.js';
import { getQueueServiceToken, getQueueToken } from './tokens.js';

/** The registered queues of one application. */
@Injectable()
export class QueueRegistry {
  /** Of each queue, by its token, what holds for its consumers. */
  private readonly consumers = new Map<unknown, QueueConsumerDefaults>();

  constructor(
    private readonly groups: GroupRegistry,
    private readonly discovery: DiscoveryService,
  ) {}

  /**
   * Sets what holds for a queue, before anybody has it.
   *
   * @throws InvalidOptionsError for bad options, a group that the application does not have, and a queue that is
   * registered twice, or used before
   */
  async register(group: string, name: string, options?: QueueRegistrationOptions): Promise<Queue> {
    try {
      return await this.define(group, name, options);
    } catch (error) {
      this.groups.giveUp(error);
      throw error;
    }
  }

  /** What holds for consumers of a queue; nothing of its own when it is not registered. */
  consumerDefaults(group: string, name: string): QueueConsumerDefaults {
    return this.consumers.get(getQueueToken(name, group)) ?? {};
  }

  private async define(group: string, name: string, options: QueueRegistrationOptions = {}): Promise<Queue> {
    const token = getQueueToken(name, group);
    if (this.consumers.has(token)) throw new InvalidOptionsError('queue', allowed.queueTwice, `"${name}" twice`);
    const { consumer, ...defaults } = options;
    this.consumers.set(token, checkConsumerDefaults(`consumer of queue "${name}"`, consumer));
    const service = getQueueServiceToken(group);
    if (!this.discovery.getProviders().some((wrapper) => wrapper.token === service)) {
      throw new InvalidOptionsError(`group of queue "${name}"`, allowed.knownGroup, show(group));
    }
    // its module may come after this one
    const { queues } = await this.groups.waitFor(group);
    queues.define(name, defaults);
    return queues.of(name);
  }
}
