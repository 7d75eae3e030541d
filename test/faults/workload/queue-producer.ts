import { setTimeout as pause } from 'node:timers/promises';
import type { MessageToPut } from '../../../lib/queue/queue.js';
import type { QueueService } from '../../../lib/queue/queue.service.js';
import { now } from '../history/now.js';
import type { QueueWork } from './queue-program.js';

/** ms between two puts of one worker, at most. */
const restMax = 40;
const workerCount = 2;
const groupCount = 4;
const batchMax = 8;
/** ms in which all producers give the same caller's id. */
const idSpan = 30;
/** What a put may end with when members fail. */
const ordinaryCodes = new Set(['NO_QUORUM', 'OUTCOME_UNKNOWN']);

interface Draft {
  readonly put: string;
  readonly options: Omit<MessageToPut, 'body'>;
}

/** Workers that put messages of all kinds, one after the other. @returns what stops them */
export function startProducer(queues: QueueService, work: QueueWork): () => Promise<void> {
  let isStopped = false;
  const run = async (worker: string): Promise<void> => {
    for (let count = 1; !isStopped; count++) {
      const name = `${worker}.${count}`;
      await (work.random() < 0.15 ? putBatch(queues, work, name) : putOne(queues, work, name));
      await pause(work.random() * restMax);
    }
  };
  const runs = Array.from({ length: workerCount }, (_, index) => run(`${work.name}.${index}`));
  return async () => {
    isStopped = true;
    await Promise.all(runs);
  };
}

async function putOne(queues: QueueService, work: QueueWork, put: string): Promise<void> {
  const draft = { put, options: pickOptions(work.random) };
  note(work, draft, false);
  try {
    const { isDuplicate } = await queues.put(work.queue, put, draft.options);
    work.history.add({ kind: 'stored', put, isDuplicate, at: now() });
  } catch (error) {
    noteError(work, error);
  }
}

async function putBatch(queues: QueueService, work: QueueWork, name: string): Promise<void> {
  const count = 2 + Math.floor(work.random() * (batchMax - 1));
  const drafts = Array.from({ length: count }, (_, i) => ({ put: `${name}.${i}`, options: pickOptions(work.random) }));
  for (const draft of drafts) note(work, draft, true);
  try {
    const messages = drafts.map(({ put, options }) => ({ ...options, body: put }));
    const receipts = await queues.putAll(work.queue, messages);
    const at = now();
    receipts.forEach(({ isDuplicate }, i) =>
      work.history.add({ kind: 'stored', put: drafts[i]!.put, isDuplicate, at }),
    );
  } catch (error) {
    noteError(work, error);
  }
}

function pickOptions(random: () => number): Draft['options'] {
  const choice = random();
  if (choice < 0.35) return { group: `group-${Math.floor(random() * groupCount)}` };
  if (choice < 0.55) return { id: `order-${Math.floor(now() / idSpan)}` };
  if (choice < 0.65) return { priority: Math.floor(random() * 11) - 5 };
  if (choice < 0.75) return { delay: Math.floor(random() * 400) };
  return {};
}

function note({ history }: QueueWork, { put, options: { id, group } }: Draft, isBatch: boolean): void {
  history.add({ kind: 'put', put, key: id ?? put, group, isOrdered: group !== undefined && !isBatch, at: now() });
}

/** It is not known then whether it will be delivered. */
function noteError({ history }: QueueWork, error: unknown): void {
  const { code } = error as { code?: string };
  if (!ordinaryCodes.has(code ?? '')) history.add({ kind: 'fault', what: `put: ${String(error)}`, at: now() });
}
