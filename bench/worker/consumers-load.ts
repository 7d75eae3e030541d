import type { Consumer } from '../peers/peer.js';
import { comeBack } from './come-back.js';
import type { FailureCounts } from './failures.js';
import type { LoadContext } from './loads.js';

/** The consumers of one process, step by step, so that those of several processes work at the same time. */
export type ConsumersLoad =
  | {
      readonly step: 'connect';
      readonly queue: string;
      readonly consumers: number;
      /** Messages that each works on at once. */
      readonly concurrency: number;
    }
  | { readonly step: 'start' | 'look' | 'stop' };

export interface ConsumersResult {
  /** Messages that each has done. */
  readonly done: readonly number[];
  /** When they were started and when the last message was done, ms of the machine's monotonic clock. */
  readonly startedAt: number;
  readonly lastAt: number;
  /** CPU time of this process since the start, µs. */
  readonly cpuUs: number;
  readonly failures: FailureCounts;
}

class Consumers {
  readonly done: number[] = [];
  private readonly all: Consumer[] = [];
  private startedAt = NaN;
  private lastAt = NaN;
  private cpuBefore = process.cpuUsage();

  async connect({ queue, failures }: LoadContext, name: string, count: number, concurrency: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      this.done.push(0);
      const consumer = await queue.consumer(name, concurrency, {
        onMessage: () => undefined,
        onDone: () => {
          this.done[index] = (this.done[index] ?? 0) + 1;
          this.lastAt = monotonicMs();
        },
        onFailure: (error) => failures.add('process', error),
      });
      this.all.push(consumer);
    }
  }

  start(): void {
    this.cpuBefore = process.cpuUsage();
    this.startedAt = monotonicMs();
    for (const consumer of this.all) consumer.start();
  }

  async stop(): Promise<void> {
    await comeBack(this.all.map((consumer) => consumer.stop()));
  }

  result(failures: FailureCounts): ConsumersResult {
    const { user, system } = process.cpuUsage(this.cpuBefore);
    const { done, startedAt, lastAt } = this;
    return { done: [...done], startedAt, lastAt, cpuUs: user + system, failures };
  }
}

let present = new Consumers();

export async function runConsumers(context: LoadContext, load: ConsumersLoad): Promise<ConsumersResult> {
  switch (load.step) {
    case 'connect':
      present = new Consumers();
      await present.connect(context, load.queue, load.consumers, load.concurrency);
      break;
    case 'start':
      present.start();
      break;
    case 'look':
      break;
    case 'stop':
      await present.stop();
      return present.result(context.failures.take());
  }
  return present.result({});
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
