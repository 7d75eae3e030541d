import { setTimeout as pause } from 'node:timers/promises';
import type { Purpose } from '../contenders.js';
import { DRAIN_MS } from './come-back.js';
import { CycleLoop } from './cycle-loop.js';
import type { FailureCounts } from './failures.js';
import { faultCycles } from './fault-cycles.js';
import { Histogram } from './histogram.js';
import { pooledKeys } from './keys.js';
import type { LoadContext } from './loads.js';

const MEMORY_SAMPLE_MS = 250;
const MIB = 1024 * 1024;

/** Times in whole seconds. */
export interface FaultLoad {
  readonly purpose: Purpose;
  readonly concurrency: number;
  readonly warmSeconds: number;
  readonly healthySeconds: number;
  readonly faultedSeconds: number;
}

/** One part of the load: before or after the fault. */
export interface FaultSegment {
  /** Complete cycles per second. */
  readonly rate: number;
  /** Complete cycles in each second. */
  readonly perSecond: readonly number[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Highest resident set seen, MiB. */
  readonly rssPeak: number;
  readonly failures: FailureCounts;
}

export interface FaultResult {
  readonly healthy: FaultSegment;
  readonly faulted: FaultSegment;
  /** Heap in use after a garbage collection: before the healthy part and at the end of the faulted one, MiB. */
  readonly heapBefore: number;
  readonly heapAfter: number;
  /** Loops whose call never came back. */
  readonly stuck: number;
}

/**
 * Cycles on free keys through a healthy part and one with a fault. The faulted part begins when `context.announce()`
 * is called; whoever hears it makes the fault at once.
 */
export async function runFault(context: LoadContext, load: FaultLoad): Promise<FaultResult> {
  const { failures } = context;
  const cycle = await faultCycles[load.purpose](context, load.concurrency);
  let segment = new Segment(load.warmSeconds, new Histogram());
  const loop = new CycleLoop(cycle, pooledKeys(context.keyPrefix, load.concurrency));
  loop.start(load.concurrency, (from, to) => segment.add(from, to));
  const sampler = setInterval(() => segment.sampleMemory(), MEMORY_SAMPLE_MS);
  try {
    await pause(load.warmSeconds * 1000);
    failures.take();
    const heapBefore = heapInUse();
    const healthy = (segment = new Segment(load.healthySeconds, new Histogram()));
    await pause(load.healthySeconds * 1000);
    const healthyResult = healthy.result(failures.take());
    const faulted = (segment = new Segment(load.faultedSeconds, new Histogram()));
    context.announce();
    await pause(load.faultedSeconds * 1000);
    const heapAfter = heapInUse();
    const stuck = await loop.stop(DRAIN_MS);
    return { healthy: healthyResult, faulted: faulted.result(failures.take()), heapBefore, heapAfter, stuck };
  } finally {
    clearInterval(sampler);
  }
}

class Segment {
  private readonly startedAt = performance.now();
  private readonly perSecond: number[];
  private rssPeak = 0;
  private maxMs = 0;

  constructor(
    private readonly seconds: number,
    private readonly latencies: Histogram,
  ) {
    this.perSecond = Array.from({ length: seconds }, () => 0);
  }

  /** Counts a cycle that ended in this segment; one that ends after it, while loops stop, only for its latency. */
  add(from: number, to: number): void {
    this.latencies.add(to - from);
    this.maxMs = Math.max(this.maxMs, to - from);
    const second = Math.floor((to - this.startedAt) / 1000);
    if (second < this.perSecond.length) this.perSecond[second] = (this.perSecond[second] ?? 0) + 1;
  }

  sampleMemory(): void {
    this.rssPeak = Math.max(this.rssPeak, process.memoryUsage.rss() / MIB);
  }

  result(failures: FailureCounts): FaultSegment {
    const { perSecond, maxMs, rssPeak } = this;
    return {
      rate: perSecond.reduce((sum, count) => sum + count, 0) / this.seconds,
      perSecond,
      p50Ms: this.latencies.quantile(0.5),
      p99Ms: this.latencies.quantile(0.99),
      maxMs,
      rssPeak,
      failures,
    };
  }
}

/** MiB, after a collection: a process of the bench runs with --expose-gc. */
function heapInUse(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / MIB;
}
