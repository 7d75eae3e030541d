import { setTimeout as pause } from 'node:timers/promises';
import { comeBack } from './come-back.js';
import type { FailureCounts } from './failures.js';
import type { LoadContext } from './loads.js';

export interface ContendedLoad {
  readonly key: string;
  /** Workers in this process. */
  readonly workers: number;
  /** How long each holds the lock, ms. */
  readonly holdMs: number;
  readonly seconds: number;
}

export interface ContendedResult {
  /** Grants of each worker. */
  readonly grants: readonly number[];
  /** ms from the call to the grant. A wait that was not over at the end counts as long as it had lasted. */
  readonly waits: readonly number[];
  /** Begin and end of each hold, ms of the machine's monotonic clock: comparable between processes. */
  readonly holds: readonly (readonly [number, number])[];
  readonly stuck: number;
  readonly failures: FailureCounts;
}

/** All workers want one key, again as soon as they have given it back. */
export async function runContended(context: LoadContext, load: ContendedLoad): Promise<ContendedResult> {
  const workers = Array.from({ length: load.workers }, () => new ContendedWorker(context, load));
  const endsAt = performance.now() + load.seconds * 1000;
  const ends = workers.map((worker) => worker.run(endsAt));
  await pause(load.seconds * 1000);
  const unfinished = workers.flatMap((worker) => worker.waitSoFar());
  const stuck = await comeBack(ends);
  return {
    grants: workers.map((worker) => worker.waits.length),
    waits: [...workers.flatMap((worker) => worker.waits), ...unfinished],
    holds: workers.flatMap((worker) => worker.holds),
    stuck,
    failures: context.failures.take(),
  };
}

class ContendedWorker {
  readonly waits: number[] = [];
  readonly holds: [number, number][] = [];
  private waitingSince: number | undefined;

  constructor(
    private readonly context: LoadContext,
    private readonly load: ContendedLoad,
  ) {}

  async run(endsAt: number): Promise<void> {
    while (performance.now() < endsAt) await this.turn(endsAt);
  }

  /** The length of the present wait, if there is one, ms. */
  waitSoFar(): number[] {
    return this.waitingSince === undefined ? [] : [performance.now() - this.waitingSince];
  }

  private async turn(endsAt: number): Promise<void> {
    const { locks, failures } = this.context;
    let during = 'acquire';
    try {
      const startedAt = (this.waitingSince = performance.now());
      const held = await locks.acquireWaiting?.(this.load.key);
      this.waitingSince = undefined;
      during = 'hold';
      const holdFrom = monotonicMs();
      if (performance.now() < endsAt) this.waits.push(performance.now() - startedAt);
      await pause(this.load.holdMs);
      this.holds.push([holdFrom, monotonicMs()]);
      during = 'release';
      await locks.release(held);
    } catch (error) {
      this.waitingSince = undefined;
      failures.add(during, error);
      // a call that fails at once must not keep timers and sockets from their turn
      await pause(1);
    }
  }
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
