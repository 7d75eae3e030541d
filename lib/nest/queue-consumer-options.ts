import { InvalidOptionsError } from '../errors.js';
import { checkBoolean, checkKnown, defined, nameOwner, show } from '../options/checks.js';
import type { ConsumeOptions } from '../queue/queue-options.js';
import {
  resolveConsumeOptions,
  resolveQueueDefaults,
  resolveQueueModuleOptions,
} from '../queue/resolve-queue-options.js';
import { allowed } from './messages.js';
import { defaultGroup } from './tokens.js';

/** What may differ from one environment to the next: `consumer` of a registered queue. */
export interface QueueConsumerDefaults extends ConsumeOptions {
  /** false: not started in this application, for example in one that only puts. @default true */
  readonly enabled?: boolean;
}

/** Kinds of Nest's enhancers that can stand around a consumer. */
export type QueueEnhancer = 'guards' | 'interceptors' | 'filters';

/** Options of `@QueueConsumer()`. What is not given here comes from the `consumer` options of the registered queue. */
export interface QueueConsumerOptions extends QueueConsumerDefaults {
  /** Name of the group that keeps the queue. @default 'default' */
  readonly group?: string;
  /**
   * Nest's enhancers to run around the method, those of its class, its module and the application included. The context
   * has the type `queue` and the delivery as its only argument. @default none
   */
  readonly enhancers?: readonly QueueEnhancer[];
}

/** A decorated method's options; those that the registered queue may give are left open. */
export interface CheckedQueueConsumerOptions {
  readonly group: string;
  readonly enhancers: readonly QueueEnhancer[];
  readonly own: QueueConsumerDefaults;
}

/** A consumer's options with nothing left open but what the queue decides. */
export interface ResolvedQueueConsumerOptions {
  readonly enabled: boolean;
  readonly consume: ConsumeOptions;
}

const enhancerKinds: readonly unknown[] = ['guards', 'interceptors', 'filters'] satisfies QueueEnhancer[];
const consumeNames = ['concurrency', 'prefetch', 'lease', 'backoff', 'drainTimeout'];
const leaseMaxMax = 86_400_000;

/** @throws InvalidOptionsError for what no group would accept */
export function checkQueueConsumerOptions(options: QueueConsumerOptions): CheckedQueueConsumerOptions {
  checkKnown('options of @QueueConsumer()', options, ['group', 'enhancers', 'enabled', ...consumeNames]);
  const { group = defaultGroup, enhancers = [], ...own } = options;
  if (typeof group !== 'string' || group === '') {
    throw new InvalidOptionsError('group of @QueueConsumer()', allowed.group, show(group));
  }
  if (!Array.isArray(enhancers) || !enhancers.every((kind) => enhancerKinds.includes(kind))) {
    throw new InvalidOptionsError('enhancers of @QueueConsumer()', allowed.enhancers, show(enhancers));
  }
  return Object.freeze({ group, enhancers, own: checkConsumerDefaults('@QueueConsumer()', own) });
}

/** @throws InvalidOptionsError for what no group would accept; `whose` stands in its text */
export function checkConsumerDefaults(whose: string, options: QueueConsumerDefaults = {}): QueueConsumerDefaults {
  checkKnown(whose, options, ['enabled', ...consumeNames]);
  const { enabled = true, ...consume } = options;
  checkBoolean(`enabled of ${whose}`, enabled);
  // with the longest leaseMax, as only the group knows its own
  const widest = resolveQueueModuleOptions({ leaseMax: leaseMaxMax });
  nameOwner(whose, () => resolveConsumeOptions(resolveQueueDefaults(widest), leaseMaxMax, consume));
  return Object.freeze({ ...options });
}

/** Merges the layers: the registered queue's, then the decorator's. */
export function resolveQueueConsumer(
  registered: QueueConsumerDefaults,
  own: QueueConsumerDefaults,
): ResolvedQueueConsumerOptions {
  const { enabled = true, ...consume } = { ...defined(registered), ...defined(own) };
  return { enabled, consume };
}
