export { InjectLockService, InjectMajorityRedis, InjectQuorumKv } from './inject.decorators.js';
export { getMajorityLockMetadata } from './lock-metadata.accessor.js';
export { MajorityRedisExceptionFilter } from './majority-redis-exception.filter.js';
export { MajorityRedisModule } from './majority-redis.module.js';
export { getLockServiceToken, getMajorityRedisServiceToken, getQuorumKvServiceToken } from './tokens.js';
export { WithMajorityLock } from './with-majority-lock.decorator.js';

export type { LockKeySource } from './lock-key.js';
export type { MajorityLockMetadata } from './lock-metadata.accessor.js';
export type {
  MajorityRedisModuleExtras,
  MajorityRedisModuleOptions,
  MajorityRedisOptionsFactory,
} from './module-options.js';
export type { OnBusy, WithMajorityLockOptions } from './with-majority-lock-options.js';
