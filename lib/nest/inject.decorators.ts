import { Inject } from '@nestjs/common';
import {
  getLockServiceToken,
  getMajorityRedisServiceToken,
  getQueueServiceToken,
  getQueueToken,
  getQuorumKvServiceToken,
} from './tokens.js';

/** Injects the `LockService` of a named group; the default group's is injected by its class alone. */
export function InjectLockService(name?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getLockServiceToken(name));
}

/** Injects the `MajorityRedisService` of a named group; the default group's is injected by its class alone. */
export function InjectMajorityRedis(name?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getMajorityRedisServiceToken(name));
}

/** Injects the `QuorumKvService` of a named group; the default group's is injected by its class alone. */
export function InjectQuorumKv(name?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getQuorumKvServiceToken(name));
}

/** Injects the `QueueService` of a named group; the default group's is injected by its class alone. */
export function InjectQueueService(name?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getQueueServiceToken(name));
}

/**
 * Injects one queue as `Queue<T>`. It must be registered with `MajorityRedisModule.registerQueue()` in a module that this
 * one imports.
 */
export function InjectQueue(queue: string, group?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getQueueToken(queue, group));
}
