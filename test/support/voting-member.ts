import { Redis } from 'ioredis';
import type { IoredisClient } from '../../lib/member/ioredis-client.js';
import { evaluate } from '../../lib/member/ioredis-connection.js';
import type { Script } from '../../lib/member/script.js';
import type { Argument } from '../../lib/member/transport.js';
import { GroupKeys } from '../../lib/quorum/group-keys.js';
import { startLocalGroup, type LocalGroup } from '../../lib/testing/index.js';

/** One real server that votes, and the scripts of this package, spoken to without any of its clients. */
export abstract class VotingMember implements AsyncDisposable {
  readonly groupKeys = new GroupKeys('t');
  private readonly subscribers: Redis[] = [];
  private names = 0;

  protected constructor(
    private readonly server: LocalGroup,
    readonly redis: Redis,
    readonly runId: string,
  ) {}

  /** Starts a server whose marker is valid. */
  protected static async server(): Promise<[server: LocalGroup, redis: Redis, runId: string]> {
    const server = await startLocalGroup({ size: 1 });
    const redis = new Redis(server.urls[0]!);
    const runId = /run_id:(\w+)/.exec(await redis.info('server'))![1]!;
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
  async inbox(channel: string): Promise<{ messages: string[]; close(): void }> {
    const subscriber = this.redis.duplicate();
    this.subscribers.push(subscriber);
    const messages: string[] = [];
    subscriber.on('message', (_, message: string) => messages.push(message));
    await subscriber.subscribe(channel);
    return { messages, close: () => subscriber.disconnect() };
  }
}
