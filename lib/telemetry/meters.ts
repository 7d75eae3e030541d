import type { Meter } from '@opentelemetry/api';

/** s; those that the semantic conventions advise for messaging. Locks may be waited for as long. */
const messagingBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** s; those that the semantic conventions advise for databases. */
const databaseBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
/** s; an operation that waits for nobody takes about a round trip. */
const lockBuckets = [0.001, 0.0025, ...messagingBuckets, 30, 60];
/** s; a lock is held, and a member learns what it forgot, for ms to minutes. */
const longBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900];

export type Meters = ReturnType<typeof createMeters>;

/** What is recorded when something happens. Gauges are made where they are observed. */
export function createMeters(meter: Meter) {
  const duration = (name: string, description: string, buckets: number[]) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: buckets } });
  const count = (name: string, unit: string, description: string) => meter.createCounter(name, { description, unit });
  return {
    lockOperation: duration('majority_redis.lock.operation.duration', 'Duration of operations on locks.', lockBuckets),
    lockHeld: duration('majority_redis.lock.held.duration', 'How long locks were held.', longBuckets),
    lockLost: count('majority_redis.lock.lost', '{lock}', 'Locks that were lost before they were released.'),
    kvOperation: duration('db.client.operation.duration', 'Duration of database client operations.', databaseBuckets),
    queueOperation: duration(
      'messaging.client.operation.duration',
      'Duration of messaging operation initiated by a producer or consumer client.',
      messagingBuckets,
    ),
    sent: count(
      'messaging.client.sent.messages',
      '{message}',
      'Number of messages producer attempted to send to the broker.',
    ),
    consumed: count(
      'messaging.client.consumed.messages',
      '{message}',
      'Number of messages that were delivered to the application.',
    ),
    process: duration('messaging.process.duration', 'Duration of processing operation.', messagingBuckets),
    leaseLost: count('majority_redis.queue.lease.lost', '{lease}', 'Leases of messages that were lost.'),
    rejoins: count('majority_redis.member.rejoins', '{rejoin}', 'Members that forgot and vote again.'),
    rejoin: duration(
      'majority_redis.member.rejoin.duration',
      'How long a member that forgot did not vote until it was brought up to date.',
      longBuckets,
    ),
    groupEvents: count('majority_redis.group.events', '{event}', 'What happened to the group as a whole.'),
    saidAtFailure: count(
      'majority_redis.failure.votes',
      '{vote}',
      'What each member had said when an operation failed for want of votes.',
    ),
  };
}
