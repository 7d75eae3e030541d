export { MajorityRedisQueueClient } from './queue.client.js';
export { QueueContext } from './queue.context.js';
export { QueueExceptionFilter } from './queue-exception.filter.js';
export { QueueRecord } from './queue-record.js';
export { MajorityRedisQueueStrategy } from './queue.strategy.js';
export { queueTransport } from './queue-transport.js';

export type { MajorityRedisQueueClientOptions } from './queue.client.js';
export type { MajorityRedisQueueStrategyOptions, QueuePatternExtras } from './queue-strategy-options.js';
