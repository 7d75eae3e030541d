import { Redis } from 'ioredis';
import { MemoryGroup } from '../../lib/in-memory/memory-group.js';
import type { IoredisClient } from '../../lib/member/ioredis-client.js';
import { evaluate } from '../../lib/member/ioredis-connection.js';
import type { Script } from '../../lib/member/script.js';
import type { Argument } from '../../lib/member/transport.js';
import { GroupKeys } from '../../lib/quorum/group-keys.js';
import { startLocalGroup } from '../../lib/testing/index.js';
import { memoryRedis } from './memory-redis.js';
import { eventually } from './eventually.js';

/** Set where the tests of the scripts run on the member that lives in this process. */
export const isInMemory = process.env['SCRIPTS_ON'] === 'memory';

/** What was published to one channel of a member. */
export interface MemberInbox {
  readonly messages: string[];
  /** All that was published until now: messages arrive in order, so a last one ends the wait. */
  take(): Promise<string[]>;
  close(): void;
}

/** One server that votes, and the scripts of this package, spoken to without any of its clients. */
export abstract class VotingMember implements AsyncDisposable {
  readonly groupKeys = new GroupKeys('t');
  private readonly subscribers: Redis[] = [];
  private names = 0;

  protected constructor(
    private readonly server: { stop(): unknown },
    readonly redis: Redis,
    readonly runId: string,
  ) {}

  /** Starts a server whose marker is valid. */
  protected static async server(): Promise<[server: { stop(): unknown }, redis: Redis, runId: string]> {
    const [server, redis] = isInMemory ? serverInMemory() : await realServer();
    const runId = /run_id:(\S+)/.exec(await redis.info('server'))![1]!;
    await redis.set(new GroupKeys('t').marker, runId);
    return [server, redis, runId];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of [this.redis, ...this.subscribers]) client.disconnect();
    await this.server.stop();
  }

  mark(): Promise<unknown> {
    return this.redis.set(this.groupKeys.marker, this.runId);
  }

  /** A name that no other test uses. */
  name(): string {
    return `key-${++this.names}`;
  }

  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return evaluate(this.redis as unknown as IoredisClient, script, keys, args);
  }

  /** The member's own time. */
  async timeUs(): Promise<number> {
    const [seconds, us] = (await this.redis.time()) as unknown as [number | string, number | string];
    return Number(seconds) * 1_000_000 + Number(us);
  }

  /** Waits until over `ms` have passed on the member's clock, by asking it. */
  async passed(ms: number): Promise<void> {
    const end = (await this.timeUs()) + (ms + 1) * 1000;
    while ((await this.timeUs()) < end);
  }

  /** Opens an inbox; what is published to it arrives in `messages`. */
  async inbox(channel: string): Promise<MemberInbox> {
    const subscriber = this.redis.duplicate();
    this.subscribers.push(subscriber);
    const messages: string[] = [];
    subscriber.on('message', (_, message: string) => messages.push(message));
    await subscriber.subscribe(channel);
    const take = async (): Promise<string[]> => {
      await this.redis.publish(channel, 'until here');
      await eventually(() => messages.at(-1) === 'until here');
      return messages.splice(0).slice(0, -1);
    };
    return { messages, take, close: () => subscriber.disconnect() };
  }
}

async function realServer(): Promise<[server: { stop(): unknown }, redis: Redis]> {
  const server = await startLocalGroup({ size: 1 });
  return [server, new Redis(server.urls[0]!)];
}

function serverInMemory(): [server: { stop(): unknown }, redis: Redis] {
  const member = new MemoryGroup().members[0]!;
  return [member, memoryRedis(member)];
}
