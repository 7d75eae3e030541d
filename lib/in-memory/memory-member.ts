import { systemRandom } from '../runtime/random.js';
import type { Clock } from '../runtime/clock.js';
import type { Script } from '../member/script.js';
import type { Argument } from '../member/transport.js';
import { CommandError, type Reply } from './commands/command.js';
import { hashCommands, setCommands } from './commands/hashes.js';
import { sortedSetCommands } from './commands/sorted-sets.js';
import { stringCommands } from './commands/strings.js';
import { Keyspace } from './keyspace.js';
import { fromLua, redisOf } from './lua/replies.js';
import { runtime } from './lua/runtime.js';
import { LuaTable } from './lua/values.js';
import { translatedScripts } from './translated-scripts.js';

const dataCommands = { ...stringCommands, ...hashCommands, ...setCommands, ...sortedSetCommands };

/** Told when a member has gone. */
type OnClosed = (reason: string) => void;

/**
 * One member that lives in this process: the part of Redis that our scripts use. It runs the same scripts, translated,
 * one at a time as Redis does.
 */
export class MemoryMember {
  private readonly keys: Keyspace;
  private readonly redis = redisOf((name, args) => this.command(name, args));
  private readonly connections = new Set<OnClosed>();
  private readonly channels = new Map<string, Set<(message: string) => void>>();
  private stopped = false;
  /** @internal What a server calls its `run_id`. */
  readonly incarnation = Buffer.from(systemRandom.id()).toString('hex');

  constructor(
    readonly name: string,
    private readonly clock: Clock,
  ) {
    this.keys = new Keyspace(clock);
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  /** It cannot be reached any more, as if the network were cut: its connections end, new ones are refused. */
  stop(): void {
    this.stopped = true;
    const ended = [...this.connections];
    this.connections.clear();
    this.channels.clear();
    for (const onClosed of ended) onClosed(`${this.name} was stopped`);
  }

  /** It can be reached again after `stop()`, with all it knew: it votes as soon as clients have connected again. */
  start(): void {
    this.stopped = false;
  }

  /** @internal A connection. @throws Error while it is stopped */
  open(onClosed: OnClosed): { readonly isOpen: boolean; close(): void } {
    if (this.stopped) throw new Error(`connect ECONNREFUSED ${this.name}`);
    const { connections } = this;
    const own: OnClosed = (reason) => onClosed(reason);
    connections.add(own);
    return {
      get isOpen() {
        return connections.has(own);
      },
      close() {
        if (connections.delete(own)) own('connection closed');
      },
    };
  }

  /** @internal @returns ends the subscription */
  subscribe(channel: string, listener: (message: string) => void): () => void {
    const listeners = this.channels.get(channel) ?? new Set();
    this.channels.set(channel, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** @internal */
  evaluate({ name, sha }: Script, keys: readonly string[], args: readonly Argument[]): unknown {
    const run = translatedScripts[sha];
    if (!run) throw new Error(`the script ${name} was not translated: build the package anew`);
    const tables = [keys, args].map((list) => new LuaTable(list.map(bytesOf)));
    return decoded(fromLua(run(runtime, this.redis, tables[0]!, tables[1]!)[0]));
  }

  /** @internal Keys that match the glob pattern. */
  scan(pattern: string): string[] {
    const expression = globExpression(bytesOf(pattern));
    return this.keys
      .keys()
      .filter((key) => expression.test(key))
      .map((key) => decoded(key) as string);
  }

  /** @internal One command, its texts with one byte a character. @throws CommandError */
  command(name: string, args: readonly string[]): Reply {
    const wanted = name.toUpperCase();
    if (wanted === 'TIME') return timeReply(this.keys.nowUs());
    if (wanted === 'INFO') return `run_id:${this.incarnation}\r\n`;
    if (wanted === 'PUBLISH') return this.publish(args[0]!, args[1]!);
    if (wanted === 'PUBSUB') return [args[1]!, this.channels.get(args[1]!)?.size ?? 0];
    if (wanted === 'SCAN') return ['0', this.keys.keys()];
    if (!Object.hasOwn(dataCommands, wanted)) throw new CommandError(`ERR unknown command '${name}'`);
    return dataCommands[wanted as keyof typeof dataCommands](this.keys, args);
  }

  private publish(channel: string, message: string): number {
    const listeners = [...(this.channels.get(channel) ?? [])];
    for (const listener of listeners) this.clock.afterTurn(() => listener(decoded(message) as string));
    return listeners.length;
  }
}

function timeReply(us: number): Reply {
  return [String(Math.floor(us / 1_000_000)), String(us % 1_000_000)];
}

function bytesOf(value: Argument): string {
  return (typeof value === 'string' ? Buffer.from(value) : Buffer.isBuffer(value) ? value : String(value)).toString(
    'latin1',
  );
}

/** Texts of a reply as a client reads them. */
function decoded(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(decoded);
  return typeof reply === 'string' ? Buffer.from(reply, 'latin1').toString() : reply;
}

/** `*` and `?` as in a glob, `\x` for the character itself. */
function globExpression(pattern: string): RegExp {
  const text = pattern.replaceAll(/\\?[^]/g, (part) => {
    if (part === '*') return '[^]*';
    if (part === '?') return '[^]';
    return `\\x${part
      .charCodeAt(part.length - 1)
      .toString(16)
      .padStart(2, '0')}`;
  });
  return new RegExp(`^${text}$`);
}
