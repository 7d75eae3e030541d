export {
  InjectLockService,
  InjectMajorityRedis,
  InjectQueue,
  InjectQueueService,
  InjectQuorumKv,
} from './inject.decorators.js';
export { getMajorityLockMetadata } from './lock-metadata.accessor.js';
export { MajorityRedisExceptionFilter } from './majority-redis-exception.filter.js';
export { MajorityRedisModule } from './majority-redis.module.js';
export { getQueueConsumerMetadata } from './queue-consumer-metadata.accessor.js';
export { QueueConsumer } from './queue-consumer.decorator.js';
export {
  getLockServiceToken,
  getMajorityRedisServiceToken,
  getQueueServiceToken,
  getQueueToken,
  getQuorumKvServiceToken,
} from './tokens.js';
export { WithMajorityLock } from './with-majority-lock.decorator.js';

export type { LockKeySource } from './lock-key.js';
export type { MajorityLockMetadata } from './lock-metadata.accessor.js';
export type {
  MajorityRedisModuleExtras,
  MajorityRedisModuleOptions,
  MajorityRedisOptionsFactory,
} from './module-options.js';
export type { QueueConsumerMetadata } from './queue-consumer-metadata.accessor.js';
export type { QueueConsumerDefaults, QueueConsumerOptions, QueueEnhancer } from './queue-consumer-options.js';
export type {
  QueueAsyncRegistration,
  QueueRegistration,
  QueueRegistrationOptions,
  QueueRegistrationOptionsFactory,
} from './queue-registration.js';
export type { OnBusy, WithMajorityLockOptions } from './with-majority-lock-options.js';
