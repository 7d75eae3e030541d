import { setTimeout as pause } from 'node:timers/promises';
import { comeBack, DRAIN_MS } from './come-back.js';
import type { FailureCounts } from './failures.js';
import { ledgerOf } from './ledger.js';
import type { LoadContext } from './loads.js';

/** ms between two messages, so that the consumer rests again. */
const REST_MS = 5;

export interface LatencyLoad {
  readonly queue: string;
  readonly messages: number;
  readonly bodyBytes: number;
}

export interface LatencyResult {
  /** ms from the call of put to the message in the consumer's hands. */
  readonly latencies: readonly number[];
  readonly failures: FailureCounts;
}

/** Puts one message after the other for a consumer that has nothing to do. */
export async function runLatency({ queue, failures }: LoadContext, load: LatencyLoad): Promise<LatencyResult> {
  const ledger = ledgerOf(load.queue);
  const latencies: number[] = [];
  let handedOutAt = 0;
  let finish: (() => void) | undefined;
  const consumer = await queue.consumer(load.queue, 1, {
    onMessage: (body) => {
      handedOutAt = performance.now();
      ledger.handOut(body);
    },
    onDone: () => finish?.(),
    onFailure: (error) => failures.add('process', error),
  });
  consumer.start();
  await pause(20 * REST_MS);
  for (let message = 0; message < load.messages; message++) {
    const done = new Promise<void>((resolve) => (finish = resolve));
    const putAt = performance.now();
    await Promise.resolve(queue.put(load.queue, ledger.next(load.bodyBytes))).catch((error: unknown) =>
      failures.add('put', error),
    );
    if ((await comeBack([done], DRAIN_MS)) > 0) failures.add('process', new Error('took too long'));
    else latencies.push(handedOutAt - putAt);
    await pause(REST_MS);
  }
  await consumer.stop();
  return { latencies, failures: failures.take() };
}
