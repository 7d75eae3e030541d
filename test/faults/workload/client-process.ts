import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MajorityRedisOptions } from '../../../lib/connect.js';
import type { LockOptions } from '../../../lib/lock/lock-options.js';
import type { GroupEvent } from '../../../lib/quorum/group-status.js';
import type { LockView, Message, Order, Outcome } from './client-program.js';
import { killChild } from '../../support/process.js';

/** A client in a process of its own, which can be stopped (as by a long pause of the machine) and killed. */
export class ClientProcess implements AsyncDisposable {
  readonly events: GroupEvent[] = [];
  /** Rejections that nobody handled. */
  readonly unhandled: string[] = [];
  private readonly waiting = new Map<number, (outcome: Outcome) => void>();
  private lastId = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message: Message) => {
      if ('event' in message) this.events.push(message.event);
      else if ('unhandled' in message) this.unhandled.push(message.unhandled);
      else this.waiting.get(message.id)?.(message.outcome);
    });
  }

  /** @throws Error when it cannot connect */
  static async start(options: MajorityRedisOptions): Promise<ClientProcess> {
    const program = fileURLToPath(new URL('client-program.mjs', import.meta.url));
    const client = new ClientProcess(fork(program, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    const outcome = await client.order({ do: 'connect', options });
    if ('code' in outcome) throw new Error(`the client process could not connect: ${outcome.code}`);
    return client;
  }

  acquire(key: string, options?: LockOptions): Promise<Outcome> {
    return this.order({ do: 'acquire', key, options });
  }

  /** How its lock stands when it answers; while it is stopped that is the first thing it will do. */
  async look(): Promise<LockView> {
    const outcome = await this.order({ do: 'look' });
    if ('code' in outcome) throw new Error(`the client process has no lock: ${outcome.code}`);
    return outcome.value!;
  }

  /** SIGSTOP: as when the machine sleeps, or the process collects garbage for long. */
  stop(): void {
    this.child.kill('SIGSTOP');
  }

  continue(): void {
    this.child.kill('SIGCONT');
  }

  kill(): Promise<void> {
    return killChild(this.child);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  private order(order: Order): Promise<Outcome> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('the client process has ended'));
      this.child.once('exit', onExit);
      this.waiting.set(id, (outcome) => {
        this.waiting.delete(id);
        this.child.off('exit', onExit);
        resolve(outcome);
      });
      this.child.send({ id, order });
    });
  }
}
