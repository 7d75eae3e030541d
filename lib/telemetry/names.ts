/** The scope under which everything is measured, and the value of `messaging.system` and `db.system.name`. */
export const scopeName = 'nestjs-majority-redis';
export const systemName = 'nestjs_majority_redis';

/**
 * Attributes of OpenTelemetry's semantic conventions for errors, messaging and databases, and ours. Those of metrics
 * have few values: no key, no id, no body.
 */
export const attribute = {
  errorType: 'error.type',
  messagingSystem: 'messaging.system',
  destination: 'messaging.destination.name',
  messagingOperation: 'messaging.operation.name',
  messagingOperationType: 'messaging.operation.type',
  messageId: 'messaging.message.id',
  batchCount: 'messaging.batch.message_count',
  dbSystem: 'db.system.name',
  dbNamespace: 'db.namespace',
  dbOperation: 'db.operation.name',
  group: 'majority_redis.group',
  member: 'majority_redis.member',
  state: 'majority_redis.state',
  operation: 'majority_redis.operation',
  mode: 'majority_redis.lock.mode',
  outcome: 'majority_redis.outcome',
  reason: 'majority_redis.reason',
  event: 'majority_redis.event',
  said: 'majority_redis.said',
  attempt: 'majority_redis.message.attempt',
  isDuplicate: 'majority_redis.message.is_duplicate',
  keys: 'majority_redis.keys',
} as const;
