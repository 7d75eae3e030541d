import { setImmediate as afterOtherWork } from 'node:timers/promises';
import { comeBack } from './come-back.js';
import type { FailureCounts } from './failures.js';
import type { LoadContext } from './loads.js';

export interface CounterLoad {
  readonly key: string;
  /** Workers in this process. */
  readonly workers: number;
  readonly seconds: number;
}

export interface CounterResult {
  /** Increments of each worker that were confirmed. */
  readonly acknowledged: readonly number[];
  /** Increments that may have been applied or not. */
  readonly unknown: number;
  /** ms of each confirmed increment. */
  readonly latencies: readonly number[];
  readonly stuck: number;
  readonly failures: FailureCounts;
}

/** All workers add 1 to one counter, again and again. */
export async function runCounter({ store, failures }: LoadContext, load: CounterLoad): Promise<CounterResult> {
  const { key, workers, seconds } = load;
  const latencies: number[] = [];
  let unknown = 0;
  const endsAt = performance.now() + seconds * 1000;
  const acknowledged = Array.from({ length: workers }, () => 0);
  const work = async (_: unknown, worker: number) => {
    for (let startedAt = performance.now(); startedAt < endsAt; startedAt = performance.now()) {
      try {
        await store.increment?.(key);
        acknowledged[worker] = (acknowledged[worker] ?? 0) + 1;
        latencies.push(performance.now() - startedAt);
      } catch (error) {
        if (store.isUnknown?.(error)) unknown++;
        else failures.add('increment', error);
        // a call that fails at once must not keep timers and sockets from their turn
        await afterOtherWork();
      }
    }
  };
  const stuck = await comeBack(acknowledged.map(work), seconds * 1000 + 5000);
  // a call that is still under way may be applied
  return { acknowledged, unknown: unknown + stuck, latencies, stuck, failures: failures.take() };
}

/** The counter as a read by majority shows it. */
export async function readCounter({ store }: LoadContext, { key }: { readonly key: string }): Promise<number> {
  return Number(await store.get(key));
}
