import { setTimeout as pause } from 'node:timers/promises';
import { CycleLoop } from './cycle-loop.js';
import type { FailureCounts } from './failures.js';
import { Histogram } from './histogram.js';
import type { LoadContext } from './loads.js';

/** ms that cycles in flight get to end when a load is over; what is not back then is reported as stuck. */
export const DRAIN_MS = 5000;

export interface UncontendedLoad {
  readonly concurrency: number;
  readonly seconds: number;
}

export interface UncontendedResult {
  /** Complete cycles per second. */
  readonly rate: number;
  /** CPU time of this process per cycle, user and system, µs. */
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Loops whose call never came back. */
  readonly stuck: number;
  readonly failures: FailureCounts;
}

/** As many cycles as possible for some seconds, on free keys. */
export async function runUncontended(context: LoadContext, load: UncontendedLoad): Promise<UncontendedResult> {
  const { connection, failures } = context;
  const latencies = new Histogram();
  let cycles = 0;
  let isOpen = true;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const loop = new CycleLoop(connection, failures);
  loop.start(load.concurrency, context.keyPrefix, (from, to) => {
    if (!isOpen) return;
    cycles++;
    latencies.add(to - from);
  });
  await pause(load.seconds * 1000);
  isOpen = false;
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    rate: (cycles * 1000) / elapsedMs,
    cpuUs: (user + system) / cycles,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    stuck: await loop.stop(DRAIN_MS),
    failures: failures.take(),
  };
}
