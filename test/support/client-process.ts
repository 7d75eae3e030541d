import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { MajorityRedisOptions } from '../../lib/connect.js';
import type { LockOptions } from '../../lib/lock/lock-options.js';
import { killChild } from './process.js';

// The child runs what `npm run build` made, by the package's own name, as an application would.
const program = `
  import { createInterface } from 'node:readline';
  import { connectMajorityRedis } from 'nestjs-majority-redis';
  const say = (line) => console.log(JSON.stringify(line));
  try {
    const { locks } = await connectMajorityRedis(JSON.parse(process.argv[1]));
    say({ id: 0 });
    for await (const line of createInterface({ input: process.stdin })) {
      const { id, key, options } = JSON.parse(line);
      locks.acquire(key, options).then(
        ({ token, holder }) => say({ id, token, holder }),
        (error) => say({ id, error: String(error) }),
      );
    }
  } catch (error) {
    say({ id: 0, error: String(error) });
  }
`;

interface Line {
  readonly id: number;
  readonly token?: number;
  readonly holder?: string;
  readonly error?: string;
}

/** A client in a process of its own, which can be killed or paused. It acquires and never releases. */
export class ClientProcess implements AsyncDisposable {
  private readonly waiting = new Map<number, (line: Line) => void>();
  private asked = 0;

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      this.waiting.get(line.id)?.(line);
    });
  }

  /** @throws Error with the words of the error with which the start failed */
  static async start(options: MajorityRedisOptions, env: NodeJS.ProcessEnv = {}): Promise<ClientProcess> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    const client = new ClientProcess(child);
    const ended = once(child, 'exit').then(([code]): Line => ({ id: 0, error: `the process ended with code ${code}` }));
    const { error } = await Promise.race([client.answer(0), ended]);
    if (error === undefined) return client;
    await client.kill();
    throw new Error(error);
  }

  /** @returns what it was granted; @throws Error with the words of the refusal */
  async acquire(key: string | string[], options: LockOptions = {}): Promise<{ token: number; holder: string }> {
    const id = ++this.asked;
    const answer = this.answer(id);
    this.child.stdin!.write(`${JSON.stringify({ id, key, options })}\n`);
    const { error, token, holder } = await answer;
    if (error !== undefined) throw new Error(error);
    return { token: token!, holder: holder! };
  }

  /** Asks for a lock and does not care what comes of it. */
  stand(key: string | string[], options: LockOptions): void {
    void this.acquire(key, options).catch(() => {});
  }

  /** SIGSTOP: it stands still, its connections stay open. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void> {
    return killChild(this.child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  private answer(id: number): Promise<Line> {
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }
}
