import { createHash } from 'node:crypto';
import type { Bytes } from './bytes.js';
import type { CommandContext } from './commands/command.js';
import { runCommand } from './commands/run-command.js';
import { Keyspace, type Snapshot } from './keyspace.js';
import { ScriptRunner } from './lua/script-runner.js';
import type { Reply } from './reply.js';

const runner = new ScriptRunner();

/** What the server is connected to. */
export interface ServerEnvironment {
  /** µs since 1970 on the server's own clock. */
  nowUs(): number;
  /** @returns how many subscribers the message goes to */
  publish(channel: Bytes, message: Bytes): number;
  subscribers(channel: Bytes): number;
  /** Where it is one of the masters of a Cluster. */
  readonly slots?: ClusterSlots;
}

/** What a master of a Cluster knows of its slots. */
export interface ClusterSlots {
  /** What `CLUSTER SLOTS` answers. */
  tell(): Reply;
  /** What it says to a command instead of executing it; undefined when it may. */
  refusal(keys: readonly Bytes[], has: (key: Bytes) => boolean): Bytes | undefined;
}

/** One life of one Redis server: it executes one command after the other. A restart makes a new one. */
export class SimulatedRedis implements CommandContext {
  readonly keyspace = new Keyspace(() => this.nowMs);
  readonly refusal: CommandContext['refusal'];
  private readonly scripts = new Map<string, Bytes>();
  private time: number | undefined;

  constructor(
    readonly runId: string,
    private readonly environment: ServerEnvironment,
  ) {
    const { slots } = environment;
    this.refusal = slots && ((keys) => slots.refusal(keys, (key) => this.keyspace.has(key)));
  }

  /** Stands still while a command is executed. */
  get nowUs(): number {
    return this.time ?? this.environment.nowUs();
  }

  get nowMs(): number {
    return Math.floor(this.nowUs / 1000);
  }

  /** Executes a command that a client sends, with the words of its request. */
  execute(words: readonly Bytes[]): Reply {
    this.time = this.environment.nowUs();
    try {
      return this.dispatch(words[0]!.toUpperCase(), words.slice(1));
    } finally {
      this.time = undefined;
    }
  }

  /** As after a start from a file that was written before. */
  load(snapshot: Snapshot): void {
    this.keyspace.load(snapshot);
  }

  info(section: string): Bytes {
    if (section === 'memory') return '# Memory\r\nmaxmemory_policy:noeviction\r\n';
    return `# Server\r\nredis_version:7.0.15\r\nrun_id:${this.runId}\r\n`;
  }

  publish(channel: Bytes, message: Bytes): number {
    return this.environment.publish(channel, message);
  }

  subscribers(channel: Bytes): number {
    return this.environment.subscribers(channel);
  }

  private dispatch(name: string, args: readonly Bytes[]): Reply {
    switch (name) {
      case 'CLUSTER':
        return this.environment.slots?.tell() ?? { err: 'ERR This instance has cluster support disabled' };
      case 'EVALSHA': {
        const refusal = this.refusalOfScript(args);
        if (refusal !== undefined) return { err: refusal };
        const source = this.scripts.get(args[0]!);
        if (source === undefined) return { err: 'NOSCRIPT No matching script. Please use EVAL.' };
        return this.evaluate(source, args.slice(1));
      }
      case 'EVAL': {
        const refusal = this.refusalOfScript(args);
        if (refusal !== undefined) return { err: refusal };
        this.scripts.set(createHash('sha1').update(args[0]!, 'latin1').digest('hex'), args[0]!);
        return this.evaluate(args[0]!, args.slice(1));
      }
      default:
        return runCommand(this, name, args);
    }
  }

  private refusalOfScript([, count, ...rest]: readonly Bytes[]): Bytes | undefined {
    return this.refusal?.(rest.slice(0, Number(count)));
  }

  private evaluate(source: Bytes, [count, ...rest]: readonly Bytes[]): Reply {
    const keyCount = Number(count);
    return runner.run(this, source, rest.slice(0, keyCount), rest.slice(keyCount));
  }
}
