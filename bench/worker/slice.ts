import { setTimeout as pause } from 'node:timers/promises';
import { DRAIN_MS } from './come-back.js';
import { type Cycle, CycleLoop } from './cycle-loop.js';
import type { FailureCounts, Failures } from './failures.js';
import { Histogram } from './histogram.js';
import type { KeySource } from './keys.js';

export interface SliceLoad {
  /** Loops at once. */
  readonly concurrency: number;
  readonly seconds: number;
}

export interface SliceResult {
  /** Complete cycles per second. */
  readonly rate: number;
  /** All complete cycles, with those that ended while the loops stopped. */
  readonly cycles: number;
  /** CPU time of this process per cycle, user and system, µs. */
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Loops whose call never came back. */
  readonly stuck: number;
  readonly failures: FailureCounts;
}

/** As many cycles as possible for some seconds. */
export async function measureSlice(
  cycle: Cycle,
  keys: KeySource,
  load: SliceLoad,
  failures: Failures,
): Promise<SliceResult> {
  const latencies = new Histogram();
  let cycles = 0;
  let late = 0;
  let isOpen = true;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const loop = new CycleLoop(cycle, keys);
  loop.start(load.concurrency, (from, to) => {
    if (!isOpen) {
      late++;
      return;
    }
    cycles++;
    latencies.add(to - from);
  });
  await pause(load.seconds * 1000);
  isOpen = false;
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  const stuck = await loop.stop(DRAIN_MS);
  return {
    rate: (cycles * 1000) / elapsedMs,
    cycles: cycles + late,
    cpuUs: (user + system) / cycles,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    stuck,
    failures: failures.take(),
  };
}
