import type { BatchObservableResult, Meter } from '@opentelemetry/api';
import type { QueueSize } from '../queue/queue.js';
import type { QueueService } from '../queue/queue.service.js';
import type { Instrumentation } from './instrumentation.js';
import { attribute } from './names.js';

const states: readonly (keyof QueueSize)[] = ['ready', 'delayed', 'leased', 'dead'];

/**
 * Gives depth and age of these queues when a reader collects; not a number while there is no quorum to ask.
 *
 * @returns what undoes it
 */
export function observeQueues(
  queues: QueueService,
  names: readonly string[],
  { group }: Instrumentation,
  meter: Meter,
): () => void {
  if (names.length === 0) return () => undefined;
  const messages = meter.createObservableGauge('majority_redis.queue.messages', {
    unit: '{message}',
    description: 'Messages of the queue in each state.',
  });
  const headAge = meter.createObservableGauge('majority_redis.queue.head.age', {
    unit: 's',
    description:
      'How long the message that is handed out next has been in the queue; 0 when none is ready, not a number without a quorum.',
  });
  const observeOne = async (result: BatchObservableResult, name: string): Promise<void> => {
    // the SDK goes on giving the values it was given last, so that they are not known has to be said
    const unknown = [undefined, NaN] as const;
    const [size, age] = await Promise.all([queues.size(name), queues.headAge(name)]).catch(() => unknown);
    const own = { [attribute.group]: group, [attribute.destination]: name };
    for (const state of states) result.observe(messages, size?.[state] ?? NaN, { ...own, [attribute.state]: state });
    result.observe(headAge, (age ?? 0) / 1000, own);
  };
  const observe = async (result: BatchObservableResult): Promise<void> => {
    await Promise.all(names.map((name) => observeOne(result, name)));
  };
  const gauges = [messages, headAge];
  meter.addBatchObservableCallback(observe, gauges);
  return () => meter.removeBatchObservableCallback(observe, gauges);
}
