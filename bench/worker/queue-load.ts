import { setImmediate as afterOtherWork } from 'node:timers/promises';
import { comeBack } from './come-back.js';
import type { FailureCounts } from './failures.js';
import { ledgerOf } from './ledger.js';
import type { LoadContext } from './loads.js';

/** ms that putting or draining a queue may take. */
export const QUEUE_MS = 120_000;

export interface PutLoad {
  readonly queue: string;
  readonly messages: number;
  readonly bodyBytes: number;
  /** Messages of one call; 1: each is put on its own. */
  readonly perCall: number;
  /** Calls at once. */
  readonly concurrency: number;
}

export interface PutResult {
  /** Messages per second. */
  readonly putRate: number;
  /** CPU time of this process per message, user and system, µs. */
  readonly putCpuUs: number;
  readonly failures: FailureCounts;
}

export interface DrainLoad {
  readonly queue: string;
  readonly concurrency: number;
  /** Stops when so many are done. */
  readonly messages: number;
}

export interface DrainResult {
  /** Messages per second from the start of the consumer, which is connected, to the last one known to be done. */
  readonly drainRate: number;
  readonly drainCpuUs: number;
  /** Messages that were put by this process and not handed out; those that were handed out again. */
  readonly left: number;
  readonly twice: number;
  readonly failures: FailureCounts;
}

/** Puts messages as fast as possible. */
export async function runPut({ queue, failures }: LoadContext, load: PutLoad): Promise<PutResult> {
  const { messages, bodyBytes, perCall } = load;
  const ledger = ledgerOf(load.queue);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < messages) {
      const count = Math.min(perCall, messages - next);
      next += count;
      try {
        if (perCall === 1) await queue.put(load.queue, ledger.next(bodyBytes));
        else
          await queue.putAll(
            load.queue,
            Array.from({ length: count }, () => ledger.next(bodyBytes)),
          );
      } catch (error) {
        failures.add('put', error);
        await afterOtherWork();
      }
    }
  };
  const spent = stopwatch();
  const stuck = await comeBack(Array.from({ length: load.concurrency }, work), QUEUE_MS);
  const { seconds, cpuUs } = spent();
  if (stuck > 0) failures.add('put', new Error('took too long'));
  return { putRate: messages / seconds, putCpuUs: cpuUs / messages, failures: failures.take() };
}

/** Processes messages that were put before, as fast as possible. */
export async function runDrain({ queue, failures }: LoadContext, load: DrainLoad): Promise<DrainResult> {
  const ledger = ledgerOf(load.queue);
  let twice = 0;
  let done = 0;
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const consumer = await queue.consumer(load.queue, load.concurrency, {
    onMessage: (body) => {
      if (!ledger.handOut(body)) twice++;
    },
    onDone: () => {
      if (++done === load.messages) finish();
    },
    onFailure: (error) => failures.add('process', error),
  });
  const spent = stopwatch();
  consumer.start();
  const stuck = await comeBack([finished], QUEUE_MS);
  const { seconds, cpuUs } = spent();
  if (stuck > 0) failures.add('process', new Error('took too long'));
  await consumer.stop();
  const { left } = ledger;
  return { drainRate: done / seconds, drainCpuUs: cpuUs / done, left, twice, failures: failures.take() };
}

function stopwatch(): () => { seconds: number; cpuUs: number } {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpuBefore);
    return { seconds: (performance.now() - startedAt) / 1000, cpuUs: user + system };
  };
}
