import { Redis } from 'ioredis';
import { startLocalGroup, type LocalGroup } from '../../../../lib/testing/index.js';
import { toBytes, type Bytes } from '../bytes.js';
import { parseScore } from '../numbers.js';
import type { Reply } from '../reply.js';

/** A real server whose answers and contents can be laid beside those of the simulated one. */
export class RealRedis implements AsyncDisposable {
  private constructor(
    private readonly server: LocalGroup,
    private readonly client: Redis,
  ) {}

  static async start(): Promise<RealRedis> {
    const server = await startLocalGroup({ size: 1 });
    return new RealRedis(server, new Redis(server.urls[0]!, { protocol: 2 }));
  }

  get url(): string {
    return this.server.urls[0]!;
  }

  async execute(words: readonly Bytes[]): Promise<Reply> {
    const [name, ...args] = words.map((word) => Buffer.from(word, 'latin1'));
    try {
      return plain(await this.client.callBuffer(name!.toString(), ...args));
    } catch (error) {
      return { err: (error as Error).message };
    }
  }

  /** As `Keyspace.dump()` gives it. */
  async dump(): Promise<Record<string, { readonly value: unknown; readonly ttl: number }>> {
    const keys = ((await this.execute(['KEYS', '*'])) as Bytes[]).sort();
    const entries = keys.map(async (key) => {
      const ttl = (await this.execute(['PTTL', key])) as number;
      return [key, { value: await this.valueOf(key), ttl }] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.disconnect();
    await this.server.stop();
  }

  private async valueOf(key: Bytes): Promise<unknown> {
    const type = (await this.execute(['TYPE', key])) as Bytes;
    if (type === 'string') return this.execute(['GET', key]);
    if (type === 'hash') {
      const pairs = pairsOf((await this.execute(['HGETALL', key])) as Bytes[]);
      return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    if (type === 'set') return ((await this.execute(['SMEMBERS', key])) as Bytes[]).sort();
    const pairs = pairsOf((await this.execute(['ZRANGE', key, '0', '-1', 'WITHSCORES'])) as Bytes[]);
    return pairs.map(([member, score]) => [member, parseScore(score)]);
  }
}

function pairsOf(list: readonly Bytes[]): [Bytes, Bytes][] {
  return list.flatMap((item, index) => (index % 2 === 0 ? [[item, list[index + 1]!] as [Bytes, Bytes]] : []));
}

function plain(reply: unknown): Reply {
  if (Buffer.isBuffer(reply)) return toBytes(reply);
  return Array.isArray(reply) ? reply.map(plain) : (reply as number | null);
}
