import type { WorkerProcess } from '../worker/worker-process.js';
import type { LocalGroup, Persistence, RowContext } from './row-context.js';

/** Members that a contender is measured on; all others stand on one server. */
const sizes: Readonly<Record<string, readonly number[]>> = { ours: [3, 5] };

export interface QueueContender {
  /** As tables call it: with the number of members where there are several. */
  readonly label: string;
  readonly name: string;
  readonly members: number;
}

/** The chosen ones, ours once for each number of members. */
export function queueContenders(context: RowContext): readonly QueueContender[] {
  return context.contenders('queue').flatMap((name) =>
    (sizes[name] ?? [1]).map((members) => ({
      label: members === 1 ? name : `${name}, ${members} members`,
      name,
      members,
    })),
  );
}

/** A contender in its process, on servers of its own. */
export class RunningQueue implements AsyncDisposable {
  private constructor(
    readonly contender: QueueContender,
    readonly process: WorkerProcess,
    readonly group: LocalGroup,
  ) {}

  /** @returns undefined when it could not start; that is noted as a problem of the row */
  static async start(
    context: RowContext,
    contender: QueueContender,
    persistence?: Persistence,
  ): Promise<RunningQueue | undefined> {
    const group = await context.startGroup(contender.members, persistence);
    const process = await context.startContender('queue', contender.name, group, contender.label);
    if (process) return new RunningQueue(contender, process, group);
    await group.stop();
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await this.group.stop();
  }
}

/** All of them at once: those whose turn it is not do nothing. */
export class RunningQueues implements AsyncDisposable {
  readonly all: RunningQueue[] = [];

  static async start(context: RowContext): Promise<RunningQueues> {
    const running = new RunningQueues();
    for (const contender of queueContenders(context)) {
      const one = await RunningQueue.start(context, contender);
      if (one) running.all.push(one);
    }
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((one) => one[Symbol.asyncDispose]()));
  }
}
