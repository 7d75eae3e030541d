import type { Script } from '../../../lib/member/script.js';
import type { Argument, Connection, ServerFacts } from '../../../lib/member/transport.js';
import { fromBytes, toBytes, type Bytes } from '../redis/bytes.js';
import { isError, isStatus, type Reply } from '../redis/reply.js';
import type { Channel } from './channel.js';

const scanCount = '500';

/** A connection for commands, as the one over ioredis. */
export class SimulatedConnection implements Connection {
  readonly incarnation: string;

  constructor(
    private readonly channel: Channel,
    readonly facts: ServerFacts,
  ) {
    this.incarnation = facts.incarnation;
  }

  async evaluate(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys.map(toBytes), ...args.map(toBytes)];
    const reply = await this.channel.send(['EVALSHA', script.sha, ...rest]);
    if (!isError(reply) || !reply.err.startsWith('NOSCRIPT')) return read(reply);
    return read(await this.channel.send(['EVAL', toBytes(script.source), ...rest]));
  }

  async *scan(pattern: string): AsyncGenerator<readonly string[]> {
    let cursor: Bytes = '0';
    do {
      const words = ['SCAN', cursor, 'MATCH', toBytes(pattern), 'COUNT', scanCount];
      const [next, page] = read(await this.channel.send(words)) as [string, string[]];
      if (page.length > 0) yield page;
      cursor = next;
    } while (cursor !== '0');
  }

  close(): void {
    this.channel.close();
  }
}

/** A reply as ioredis gives it. @throws Error with the server's text */
export function read(reply: Reply): unknown {
  if (typeof reply === 'string') return fromBytes(reply);
  if (typeof reply === 'number' || reply === null) return reply;
  if (isError(reply)) throw new Error(reply.err);
  if (isStatus(reply)) return reply.ok;
  return reply.map((item) =>
    typeof item === 'object' && item !== null && isError(item) ? new Error(item.err) : read(item),
  );
}
