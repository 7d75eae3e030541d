import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { KvOperation } from '../checker/check-linearizability.js';
import type { KvMessage, KvOrder } from './kv-program.js';
import { killChild } from '../../support/process.js';

/** Workers on a few keys in a process of their own, which can be stopped (as by a long pause of the machine). */
export class KvProcess implements AsyncDisposable {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts working as soon as it is connected. */
  static async start(order: KvOrder): Promise<KvProcess> {
    const program = fileURLToPath(new URL('kv-program.mjs', import.meta.url));
    const child = fork(program, {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    child.send(order);
    await KvProcess.message(child);
    return new KvProcess(child);
  }

  /** SIGSTOP */
  stop(): void {
    this.child.kill('SIGSTOP');
  }

  continue(): void {
    this.child.kill('SIGCONT');
  }

  /** Lets each worker end its call; what all of them did. @throws Error when a rejection was not handled */
  async finish(): Promise<readonly KvOperation[]> {
    this.child.send('stop');
    const message = await KvProcess.message(this.child);
    if (!('history' in message)) throw new Error('no history came');
    if (message.unhandled.length > 0) throw new Error(`unhandled: ${message.unhandled.join()}`);
    return message.history;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return killChild(this.child);
  }

  private static async message(child: ChildProcess): Promise<KvMessage> {
    const ended = once(child, 'exit').then(() => {
      throw new Error('the workload process has ended');
    });
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [KvMessage];
    return message;
  }
}
