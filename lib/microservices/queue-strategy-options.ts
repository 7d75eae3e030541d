import { InvalidOptionsError } from '../errors.js';
import { checkKnown, defined, show } from '../options/checks.js';
import type { ConsumeOptions } from '../queue/queue-options.js';
import { QueueService } from '../queue/queue.service.js';
import { allowed } from './messages.js';

/** What `MajorityRedisQueueStrategy` is made with. */
export interface MajorityRedisQueueStrategyOptions {
  /** The group's queues. The strategy is closed before the group is. */
  readonly queues: QueueService;
  /** What holds for all patterns. @default that of `consume()`: one message at a time */
  readonly consumer?: ConsumeOptions;
}

/** What a pattern may say of its own: `@EventPattern('emails', { consumer: { concurrency: 4 } })`. */
export interface QueuePatternExtras {
  readonly consumer?: ConsumeOptions;
}

/** @throws InvalidOptionsError */
export function checkStrategyOptions(options: MajorityRedisQueueStrategyOptions): MajorityRedisQueueStrategyOptions {
  checkKnown('options of MajorityRedisQueueStrategy', options, ['queues', 'consumer']);
  const queues: unknown = options?.queues;
  // by shape, as two copies of the package may meet
  if (typeof (queues as Partial<QueueService> | null | undefined)?.consume !== 'function') {
    throw new InvalidOptionsError('queues of MajorityRedisQueueStrategy', allowed.queues, show(queues));
  }
  return options;
}

/** Merges the layers: the strategy's, then the pattern's. */
export function consumerOf(strategy: ConsumeOptions = {}, extras: QueuePatternExtras = {}): ConsumeOptions {
  return { ...defined(strategy), ...defined(extras.consumer ?? {}) };
}
