import type { InjectionToken } from '@nestjs/common';
import { QuorumKvService } from '../kv/quorum-kv.service.js';
import { LockService } from '../lock/lock.service.js';
import type { Queue } from '../queue/queue-handle.js';
import { QueueService } from '../queue/queue.service.js';
import { MajorityRedisService } from '../quorum/majority-redis.service.js';

/** Name of the group whose services are injected by their classes. */
export const defaultGroup = 'default';

/** Metadata key under which a method decorated with `@WithMajorityLock()` tells how it is locked. */
export const majorityLockMetadata = 'nestjs-majority-redis:lock';

/** Metadata key under which a method decorated with `@QueueConsumer()` tells what it consumes. */
export const queueConsumerMetadata = 'nestjs-majority-redis:queue-consumer';

/** What `forRoot()` was given, or a factory of `forRootAsync()` returned, inside its own module. */
export const groupOptions = Symbol('MajorityRedis options');

/** How a module connects its group. Replaced in unit tests, so that no server is needed. */
export const groupConnector = Symbol('MajorityRedis connector');

/** The connected group inside its own module. Not exported: others inject its services. */
export const groupConnection = Symbol('MajorityRedis connection');

/** Injection token of a group's `LockService`; of the default group it is the class itself. */
export function getLockServiceToken(name: string = defaultGroup): InjectionToken<LockService> {
  return name === defaultGroup ? LockService : `LockService:${name}`;
}

/** Injection token of a group's `MajorityRedisService`; of the default group it is the class itself. */
export function getMajorityRedisServiceToken(name: string = defaultGroup): InjectionToken<MajorityRedisService> {
  return name === defaultGroup ? MajorityRedisService : `MajorityRedisService:${name}`;
}

/** Injection token of a group's `QuorumKvService`; of the default group it is the class itself. */
export function getQuorumKvServiceToken(name: string = defaultGroup): InjectionToken<QuorumKvService> {
  return name === defaultGroup ? QuorumKvService : `QuorumKvService:${name}`;
}

/** Injection token of a group's `QueueService`; of the default group it is the class itself. */
export function getQueueServiceToken(name: string = defaultGroup): InjectionToken<QueueService> {
  return name === defaultGroup ? QueueService : `QueueService:${name}`;
}

/** Injection token of a queue that was registered with `registerQueue()`. */
export function getQueueToken<T = unknown>(queue: string, group: string = defaultGroup): InjectionToken<Queue<T>> {
  return group === defaultGroup ? `Queue:${queue}` : `Queue@${JSON.stringify(group)}:${queue}`;
}
