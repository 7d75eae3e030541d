import type { QueueService } from '../../../lib/queue/queue.service.js';
import { now } from '../history/now.js';
import type { QueueWork } from './queue-program.js';

/** Takes one message and never settles it, while its lease is extended in the background. @returns what stops it */
export function startHolder(queues: QueueService, { name, queue, history }: QueueWork): () => Promise<void> {
  const taken = queues.get(queue, { waitFor: 30_000 }).then(([delivery]) => {
    const { token, body } = delivery!;
    history.add({ kind: 'delivery', delivery: name, key: String(body), token, at: now() });
  });
  return () => taken;
}
