import { type Purpose, purposes } from '../contenders.js';
import type { WorkerProcess } from '../worker/worker-process.js';
import { type Measured, measureOperations } from './operations.js';
import type { LocalGroup, RowContext } from './row-context.js';
import { takeTurns } from './turns.js';

/** A contender on so many members. */
export interface Place {
  readonly label: string;
  readonly name: string;
  readonly purpose: Purpose;
  readonly members: number;
}

export interface PlaceSample extends Measured, Place {
  readonly concurrency: number;
  readonly round: number;
}

/** Places that are connected all at once; those whose turn it is not do nothing. */
export class Places implements AsyncDisposable {
  private readonly groups = new Map<string, LocalGroup>();
  private readonly running = new Map<WorkerProcess, Place>();

  private constructor() {}

  /** All places of one purpose and size share their servers, each of other sizes or purposes has others. */
  static async start(context: RowContext, places: readonly Place[]): Promise<Places> {
    const started = new Places();
    for (const place of places) {
      const key = `${place.purpose} ${place.members}`;
      const group = started.groups.get(key) ?? (await context.startGroup(place.members));
      started.groups.set(key, group);
      const process = await context.startContender(place.purpose, place.name, group, place.label);
      if (process) started.running.set(process, place);
    }
    return started;
  }

  /** In slices that take turns, each purpose by itself. */
  async measure(
    context: RowContext,
    title: string,
    concurrencies: readonly number[],
    { seconds, rounds }: { readonly seconds: number; readonly rounds: number },
  ): Promise<PlaceSample[]> {
    const samples: PlaceSample[] = [];
    for (const purpose of purposes) {
      const processes = [...this.running].filter(([, place]) => place.purpose === purpose).map(([process]) => process);
      if (processes.length === 0) continue;
      const slices = await takeTurns(context, processes, {
        title: `${title}, ${purpose}`,
        tasks: concurrencies.map((concurrency) => ({ concurrency })),
        seconds,
        rounds,
        run: async (process, { concurrency }, round, length) => {
          const group = this.groupOf(process);
          return {
            measured: await measureOperations(purpose, { process, group }, { concurrency, seconds: length, round }),
          };
        },
      });
      for (const { contender, measured, concurrency, round } of slices) {
        const place = [...this.running.values()].find((one) => one.label === contender && one.purpose === purpose);
        if (place) samples.push(...measured.map((one) => ({ ...place, ...one, concurrency, round })));
      }
    }
    return samples;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.running.keys()].map((process) => process[Symbol.asyncDispose]()));
    await Promise.all([...this.groups.values()].map((group) => group.stop()));
  }

  private groupOf(process: WorkerProcess): LocalGroup {
    const place = this.running.get(process);
    const group = place && this.groups.get(`${place.purpose} ${place.members}`);
    if (!group) throw new Error('a contender without servers');
    return group;
  }
}
