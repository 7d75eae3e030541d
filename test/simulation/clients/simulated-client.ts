import type { Command } from 'ioredis';
import type { IoredisClient } from '../../../lib/member/ioredis-client.js';
import { fromBytes, toBytes, type Bytes } from '../redis/bytes.js';
import { isError, isStatus, type Reply } from '../redis/reply.js';
import type { Channel } from './channel.js';

type Word = string | number | Buffer;

/** What our connections need of an ioredis client, over a channel that is open. */
export class SimulatedClient implements IoredisClient {
  constructor(private readonly channel: Channel) {}

  connect(): Promise<void> {
    return this.channel.isOpened;
  }

  disconnect(): void {
    this.channel.close();
  }

  async call(command: string, ...args: Word[]): Promise<unknown> {
    return read(await this.channel.send([command, ...args].map(toBytes)));
  }

  evalsha(sha: string, keyCount: number, keys: readonly string[], args: readonly unknown[]): Promise<unknown> {
    return this.call('EVALSHA', sha, keyCount, ...keys, ...(args as Word[]));
  }

  eval(source: string, keyCount: number, keys: readonly string[], args: readonly unknown[]): Promise<unknown> {
    return this.call('EVAL', source, keyCount, ...keys, ...(args as Word[]));
  }

  async subscribe(channel: string): Promise<void> {
    await this.channel.subscribe(toBytes(channel));
  }

  async unsubscribe(): Promise<void> {
    // a channel that hears ends with its socket
  }

  /** A command that was encoded by whoever sends it. */
  sendCommand(command: Command): void {
    const words = parseRequest(toBytes(String(command.toWritable({}))));
    this.channel.send(words).then(
      (reply) => (isError(reply) ? command.reject(new Error(reply.err)) : command.resolve(toBuffers(reply))),
      (error: Error) => command.reject(error),
    );
  }

  on(): void {
    // what happens to the channel its owner is told by the channel
  }
}

/** A reply as ioredis gives it. @throws Error with the server's text */
export function read(reply: Reply): unknown {
  if (typeof reply === 'string') return fromBytes(reply);
  if (typeof reply === 'number' || reply === null) return reply;
  if (isError(reply)) throw new Error(reply.err);
  if (isStatus(reply)) return reply.ok;
  return reply.map((item) => (isFailure(item) ? new Error(item.err) : read(item)));
}

/** A reply as ioredis' parser hands it to a command, which decodes it. */
function toBuffers(reply: Reply): unknown {
  if (typeof reply === 'string') return Buffer.from(reply, 'latin1');
  if (typeof reply === 'number' || reply === null) return reply;
  if (isStatus(reply)) return Buffer.from(reply.ok);
  return isError(reply) ? new Error(reply.err) : reply.map(toBuffers);
}

function isFailure(reply: Reply): reply is { readonly err: string } {
  return typeof reply === 'object' && reply !== null && isError(reply);
}

/** The words of a request as it goes over the wire: `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`. */
export function parseRequest(text: Bytes): Bytes[] {
  let position = 0;
  const line = (sign: string): number => {
    const end = text.indexOf('\r\n', position);
    const number = text.slice(position + 1, end);
    if (text[position] !== sign || !/^\d+$/.test(number)) throw new Error(`not a request: ${text.slice(0, 200)}`);
    position = end + 2;
    return Number(number);
  };
  const words: Bytes[] = [];
  for (let left = line('*'); left > 0; left--) {
    const size = line('$');
    words.push(text.slice(position, position + size));
    position += size + 2;
  }
  if (position !== text.length) throw new Error(`more than a request: ${text.slice(0, 200)}`);
  return words;
}
