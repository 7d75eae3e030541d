import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Purpose } from '../contenders.js';
import type { LoadKind, Loads } from './loads.js';
import type { OptionalMethod, Reply, Request } from './messages.js';

/** ms to load the adapter and connect: many processes may start at the same time on few cores. */
const START_MS = 60_000;

/** A contender in a process of its own. */
export class WorkerProcess implements AsyncDisposable {
  private constructor(
    /** The contender's, or what the row calls it. */
    readonly name: string,
    private readonly child: ChildProcess,
    /** Package and client with their versions. */
    readonly versions: string,
    private readonly methods: readonly string[],
  ) {}

  /**
   * @param label what the row calls it
   * @throws Error when it did not connect to the members in time, or said why it cannot
   */
  static async start(purpose: Purpose, name: string, urls: readonly string[], label = name): Promise<WorkerProcess> {
    const child = fork(fileURLToPath(new URL('./main.js', import.meta.url)), [purpose, name, ...urls], {
      serialization: 'advanced',
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    try {
      const ready = await nextReply(child, 'ready', START_MS);
      return new WorkerProcess(label, child, ready.versions, ready.methods);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** Whether its connection has this optional method. */
  can(method: OptionalMethod): boolean {
    return this.methods.includes(method);
  }

  /**
   * Runs one load.
   *
   * @param boundMs after this long the process is given up
   * @param onReached called when the load announces its point
   * @throws Error when the process ended, could not run it, or was too late
   */
  async run<Kind extends LoadKind>(
    kind: Kind,
    load: Loads[Kind]['load'],
    boundMs: number,
    onReached?: () => void,
  ): Promise<Loads[Kind]['result']> {
    if (!this.child.connected)
      throw new Error(`its process has ended with ${this.child.exitCode ?? this.child.signalCode}`);
    const listener = (reply: Reply) => {
      if (reply.kind === 'reached') onReached?.();
    };
    this.child.on('message', listener);
    try {
      const done = nextReply(this.child, 'done', boundMs);
      this.child.send({ kind, load } as Request);
      return (await done).result as Loads[Kind]['result'];
    } finally {
      this.child.off('message', listener);
    }
  }

  /** Ends the process without a farewell: a contender that hangs in close() must not hold the bench. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    await new Promise((resolve) => {
      this.child.once('exit', resolve);
      this.child.kill('SIGKILL');
    });
  }
}

function nextReply<Kind extends Reply['kind']>(
  child: ChildProcess,
  kind: Kind,
  boundMs: number,
): Promise<Extract<Reply, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    const onMessage = (reply: Reply) => {
      if (reply.kind === kind) settle(() => resolve(reply as Extract<Reply, { kind: Kind }>));
      if (reply.kind === 'broken') settle(() => reject(new Error(reply.message)));
    };
    const onExit = (code: number | null) => settle(() => reject(new Error(`its process ended with ${code}`)));
    const timer = setTimeout(
      () => settle(() => reject(new Error(`its process did not answer within ${boundMs} ms`))),
      boundMs,
    );
    const settle = (then: () => void) => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit);
      then();
    };
    child.on('message', onMessage).on('exit', onExit);
  });
}
