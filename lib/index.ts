export { connectMajorityRedis } from './connect.js';
export {
  InvalidOptionsError,
  isMajorityRedisError,
  LeaseLostError,
  LockLostError,
  LockUnavailableError,
  MajorityRedisError,
  NoQuorumError,
  OutcomeUnknownError,
  StaleTokenError,
  UnrecoverableMessageError,
} from './errors.js';
export { QuorumKvService } from './kv/quorum-kv.service.js';
export { LockService } from './lock/lock.service.js';
export {
  getLockServiceToken,
  getMajorityLockMetadata,
  getMajorityRedisServiceToken,
  getQueueConsumerMetadata,
  getQueueServiceToken,
  getQueueToken,
  getQuorumKvServiceToken,
  InjectLockService,
  InjectMajorityRedis,
  InjectQueue,
  InjectQueueService,
  InjectQuorumKv,
  MajorityRedisExceptionFilter,
  MajorityRedisModule,
  QueueConsumer,
  WithMajorityLock,
} from './nest/index.js';
export { Queue } from './queue/queue-handle.js';
export { QueueService } from './queue/queue.service.js';
export { MajorityRedisService } from './quorum/majority-redis.service.js';

export type { ConnectHooks, MajorityRedis, MajorityRedisOptions } from './connect.js';
export type {
  AnyMajorityRedisError,
  LeaseLossReason,
  LockLossReason,
  MajorityRedisErrorCode,
  MemberReport,
} from './errors.js';
export type { KvCodec, KvEntry, KvSetResult, KvWatchEvent } from './kv/kv.js';
export type { KvDeleteOptions, KvGuard, KvKeysOptions, KvModuleOptions, KvSetOptions } from './kv/kv-options.js';
export type { Lock, LockHolder, LockMode, LockState, LockVote, ReleaseOutcome } from './lock/lock.js';
export type { LockListOptions, LockModuleOptions, LockOptions } from './lock/lock-options.js';
export type { ClusterNodeOptions, NamedRedisOptions, NodeOptions, RedisInstance } from './member/node-options.js';
export type {
  LockKeySource,
  MajorityLockMetadata,
  MajorityRedisModuleExtras,
  MajorityRedisModuleOptions,
  MajorityRedisOptionsFactory,
  OnBusy,
  QueueAsyncRegistration,
  QueueConsumerDefaults,
  QueueConsumerMetadata,
  QueueConsumerOptions,
  QueueEnhancer,
  QueueRegistration,
  QueueRegistrationOptions,
  QueueRegistrationOptionsFactory,
  WithMajorityLockOptions,
} from './nest/index.js';
export type {
  Backoff,
  BackoffFunction,
  DeadLetter,
  Delivery,
  MessageState,
  MessageToPut,
  NackOptions,
  PutOptions,
  PutReceipt,
  QueueSize,
} from './queue/queue.js';
export type {
  ConsumeOptions,
  DeadLetterPage,
  GetOptions,
  PurgeOptions,
  QueueDefaults,
  QueueModuleOptions,
} from './queue/queue-options.js';
export type { GroupOptions, MajorityRestartPolicy } from './quorum/group-options.js';
export type { GroupEvent, GroupNews, GroupStatus, MemberState, MemberStatus } from './quorum/group-status.js';
