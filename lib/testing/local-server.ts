import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { ReplyError, redisCommand } from './redis-command.js';
import { ServerLog } from './server-log.js';
import { watchdog } from './watchdog.js';

/**
 * `none`: a server that starts again starts empty. `always`: every write is on disk before it is answered. `everysec`:
 * within a second.
 */
export type Persistence = 'none' | 'always' | 'everysec';

/** `frozen`: stopped by SIGSTOP, so that it accepts connections and answers nothing. */
export type LocalServerState = 'running' | 'frozen' | 'stopped';

/** One real redis-server process on a port of this machine. It ends with this process, however that ends. */
export interface LocalServer {
  /** `redis-1`, `redis-2`, … */
  readonly name: string;
  /** The same for all its lives. */
  readonly port: number;
  readonly url: string;
  /** Of the present process; undefined while it is stopped. */
  readonly pid: number | undefined;
  readonly state: LocalServerState;
  /**
   * Starts it on the same port and resolves when it answers; at once when it is not stopped. It starts empty unless
   * persistence kept its data.
   *
   * @throws Error with the server's own last log lines when it ends instead
   */
  start(): Promise<void>;
  /** Asks it to end (SIGTERM) and resolves when it has. A frozen one is thawed first. */
  stop(): Promise<void>;
  /** Ends it the hard way (SIGKILL) and resolves when it has ended. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing is answered. */
  freeze(): void;
  /** SIGCONT: it goes on and also executes what has arrived meanwhile. */
  thaw(): void;
  /** `kill()`, then `start()`. */
  restart(): Promise<void>;
  /**
   * Sends one command over a connection of its own, without a password.
   *
   * @throws Error with the server's words for an error reply, or when no reply came within 5 s
   */
  command(...args: string[]): Promise<unknown>;
}

/** What a server is started with. */
export interface LocalServerOptions {
  name: string;
  redisServer: string;
  persistence: Persistence;
  args: readonly string[];
}

const launchAttempts = 10;
const startTimeout = 15_000;
const stopTimeout = 5_000;
const pollInterval = 10;

/** Starts one server on a free port. */
export async function launchLocalServer(options: LocalServerOptions): Promise<RedisProcess> {
  for (let attempt = 1; ; attempt++) {
    const server = new RedisProcess(options, await freePort());
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.dispose();
      if (!(error instanceof PortTakenError) || attempt === launchAttempts) throw error;
    }
  }
}

class PortTakenError extends Error {}

/** @internal */
export class RedisProcess implements LocalServer {
  readonly url: string;
  private process: ChildProcess | undefined;
  private isFrozen = false;
  private folder: string | undefined;
  private starting: Promise<void> | undefined;

  constructor(
    private readonly options: LocalServerOptions,
    readonly port: number,
  ) {
    this.url = `redis://127.0.0.1:${port}`;
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  get state(): LocalServerState {
    if (this.process === undefined) return 'stopped';
    return this.isFrozen ? 'frozen' : 'running';
  }

  start(): Promise<void> {
    if (this.starting === undefined && this.process !== undefined) return Promise.resolve();
    this.starting ??= this.spawnAndWait().finally(() => (this.starting = undefined));
    return this.starting;
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  freeze(): void {
    if (this.process?.kill('SIGSTOP')) this.isFrozen = true;
  }

  thaw(): void {
    this.process?.kill('SIGCONT');
    this.isFrozen = false;
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  command(...args: string[]): Promise<unknown> {
    return redisCommand(this.port, args);
  }

  /** Ends it and removes its folder. */
  async dispose(): Promise<void> {
    await this.kill();
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
    this.folder = undefined;
  }

  private async spawnAndWait(): Promise<void> {
    this.folder ??= await mkdtemp(join(watchdog().folder, `${this.name}-`));
    // detached: Ctrl-C reaches the application first, which then stops its servers itself
    const child = spawn(this.options.redisServer, this.commandLine(this.folder), {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) this.adopt(child, child.pid);
    const log = new ServerLog(child);
    await once(child, 'spawn').catch((cause: unknown) => {
      throw new Error(`${this.name} could not be started: ${String(cause)}`, { cause });
    });
    await this.untilReady(child, log);
  }

  private commandLine(folder: string): string[] {
    const { persistence, args } = this.options;
    const address = ['--port', String(this.port), '--bind', '127.0.0.1', '--protected-mode', 'yes'];
    const files = ['--dir', folder, '--logfile', '', '--daemonize', 'no', '--save', ''];
    const durability =
      persistence === 'none' ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--appendfsync', persistence];
    return [...address, ...files, ...durability, ...args];
  }

  private adopt(child: ChildProcess, pid: number): void {
    watchdog().add(pid);
    this.process = child;
    this.isFrozen = false;
    // the server does not keep this process alive
    child.unref();
    child.once('exit', () => {
      watchdog().drop(pid);
      if (this.process === child) this.process = undefined;
    });
  }

  private async untilReady(child: ChildProcess, log: ServerLog): Promise<void> {
    const deadline = performance.now() + startTimeout;
    while (this.process === child) {
      // its own log is asked as well: when the port was taken, somebody else's server would answer
      if (log.isReady && (await this.answers())) return;
      if (performance.now() > deadline) {
        await this.kill();
        throw new Error(`${this.name} did not answer on port ${this.port} within ${startTimeout} ms\n${log.tail()}`);
      }
      await pause(pollInterval);
    }
    const reason = log.isPortTaken ? PortTakenError : Error;
    throw new reason(`${this.name} ended before it answered on port ${this.port}\n${log.tail()}`);
  }

  private async answers(): Promise<boolean> {
    try {
      await this.command('PING');
      return true;
    } catch (error) {
      // NOAUTH is an answer too
      return error instanceof ReplyError;
    }
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.process;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.ref();
    child.kill(signal);
    // a server that is busy with a script does not heed SIGTERM
    const lastResort = setTimeout(() => child.kill('SIGKILL'), stopTimeout);
    await ended;
    clearTimeout(lastResort);
  }
}
