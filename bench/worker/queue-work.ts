import { setTimeout as pause } from 'node:timers/promises';
import { comeBack, DRAIN_MS } from './come-back.js';
import type { FailureCounts } from './failures.js';
import { ledgerOf } from './ledger.js';
import type { LoadContext } from './loads.js';

/** A producer waits while so many messages that it put are not done; but not for long, as some may be lost. */
const BACKLOG_MAX = 1000;
const BACKLOG_WAIT_MS = 100;
const MEMORY_SAMPLE_MS = 250;
const MIB = 1024 * 1024;

export interface WorkLoad {
  readonly queue: string;
  readonly bodyBytes: number;
  /** Producers at once, and messages that the consumer works on at once. */
  readonly concurrency: number;
  readonly seconds: number;
  /** ms for which messages are waited for that were put and have not come: above a lease, as one may be held by nobody. */
  readonly drainMs: number;
}

export interface WorkResult {
  /** Messages that were done in each second. */
  readonly perSecond: readonly number[];
  readonly put: number;
  readonly done: number;
  readonly twice: number;
  /** Messages whose put was acknowledged and that had not come when all producers had ended for a while. */
  readonly lost: number;
  /** Highest resident set of this process, MiB. */
  readonly rssPeak: number;
  readonly failures: FailureCounts;
}

/** Produces and consumes at once for some seconds. */
export async function runWork(context: LoadContext, load: WorkLoad): Promise<WorkResult> {
  const { queue, failures } = context;
  const ledger = ledgerOf(load.queue);
  const perSecond = Array.from({ length: load.seconds }, () => 0);
  const startedAt = performance.now();
  let put = 0;
  let done = 0;
  let twice = 0;
  let rssPeak = 0;
  const consumer = await queue.consumer(load.queue, load.concurrency, {
    onMessage: (body) => {
      if (!ledger.handOut(body)) twice++;
    },
    onDone: () => {
      done++;
      const second = Math.floor((performance.now() - startedAt) / 1000);
      if (second < perSecond.length) perSecond[second] = (perSecond[second] ?? 0) + 1;
    },
    onFailure: (error) => failures.add('process', error),
  });
  const sampler = setInterval(() => {
    rssPeak = Math.max(rssPeak, process.memoryUsage.rss() / MIB);
  }, MEMORY_SAMPLE_MS);
  const produce = async (): Promise<void> => {
    while (performance.now() - startedAt < load.seconds * 1000) {
      const waitBy = performance.now() + BACKLOG_WAIT_MS;
      while (put - done > BACKLOG_MAX && performance.now() < waitBy) await pause(1);
      const body = ledger.next(load.bodyBytes);
      try {
        await queue.put(load.queue, body);
        ledger.acknowledge(body);
        put++;
      } catch (error) {
        failures.add('put', error);
        await pause(1);
      }
    }
  };
  consumer.start();
  context.announce();
  await comeBack(Array.from({ length: load.concurrency }, produce), load.seconds * 1000 + DRAIN_MS);
  const drainBy = performance.now() + load.drainMs;
  while (ledger.lost > 0 && performance.now() < drainBy) await pause(10);
  clearInterval(sampler);
  await comeBack([consumer.stop()], DRAIN_MS);
  return { perSecond, put, done, twice, lost: ledger.lost, rssPeak, failures: failures.take() };
}
