import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { QueueMessage, QueueOrder } from './queue-program.js';
import { killChild } from '../../support/process.js';

/** A producer or consumer in a process of its own, which can be stopped (as by a long pause of the machine) and killed. */
export class QueueProcess implements AsyncDisposable {
  private constructor(
    readonly order: QueueOrder,
    private readonly child: ChildProcess,
  ) {}

  /** Starts working as soon as it is connected. */
  static async start(order: QueueOrder): Promise<QueueProcess> {
    const program = fileURLToPath(new URL('queue-program.mjs', import.meta.url));
    const child = fork(program, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const started = new QueueProcess(order, child);
    child.send(order);
    await started.hears('ready');
    return started;
  }

  /** SIGSTOP */
  stop(): void {
    this.child.kill('SIGSTOP');
  }

  continue(): void {
    this.child.kill('SIGCONT');
  }

  /** SIGKILL, in the middle of whatever it does. */
  kill(): Promise<void> {
    return killChild(this.child);
  }

  /** Lets it end what it has begun. */
  async finish(): Promise<void> {
    this.child.send('stop');
    await this.hears('done');
    await this.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  private async hears(word: QueueMessage): Promise<void> {
    const ended = once(this.child, 'exit').then(() => {
      throw new Error(`process ${this.order.name} has ended`);
    });
    const [heard] = (await Promise.race([once(this.child, 'message'), ended])) as [QueueMessage];
    if (heard !== word) throw new Error(`process ${this.order.name} said ${heard}, not ${word}`);
  }
}
