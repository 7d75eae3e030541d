import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { connectInMemory } from '../../lib/in-memory/connect-in-memory.js';

it('objects of ours show in a console what a user can make sense of, and no message body', async () => {
  const redis = await connectInMemory();
  onTestFinished(() => redis.close());
  const lock = await redis.locks.acquire('seat');
  await redis.queues.put('letters', 'a secret');
  const [delivery] = await redis.queues.get('letters', { waitFor: 5000 });
  const { locks, queues, kv, group } = redis;
  expect(inspect(lock)).toMatch(/^Lock \{\s+keys: \[ 'seat' \],\s+mode: 'exclusive',\s+token: \d{16},/);
  expect(inspect(delivery)).toMatch(/^Delivery \{\s+queue: 'letters',\s+id: '.+',\s+attempt: 1,/);
  expect(inspect(delivery, { depth: 10 })).not.toContain('secret');
  expect(inspect(locks)).toBe("LockService { group: 'default', held: 1 }");
  expect(inspect(queues)).toBe("QueueService { group: 'default', queues: [ 'letters' ] }");
  expect(inspect(kv)).toBe("QuorumKvService { group: 'default' }");
  expect(inspect(group)).toMatch(/^MajorityRedisService \{\s+name: 'default',\s+groupSize: /);
  expect(inspect(queues.of('letters'))).toBe("Queue { name: 'letters' }");
  await Promise.all([lock.release(), delivery!.ack()]);
});
