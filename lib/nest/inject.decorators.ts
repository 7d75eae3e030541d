import { Inject } from '@nestjs/common';
import { getLockServiceToken, getMajorityRedisServiceToken, getQuorumKvServiceToken } from './tokens.js';

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
