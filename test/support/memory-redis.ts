import type { Redis } from 'ioredis';
import type { Reply } from '../../lib/in-memory/commands/command.js';
import type { MemoryMember } from '../../lib/in-memory/memory-member.js';
import type { Argument } from '../../lib/member/transport.js';

type Bytes = string | number | Buffer;

/**
 * An in-memory member in the clothes of an ioredis client, so that the tests of the scripts run on both: the commands
 * that those tests use, and no more.
 */
export function memoryRedis(member: MemoryMember): Redis {
  const send = (name: string, ...args: Bytes[]): unknown => textOf(member.command(name, args.map(bytesOf)));
  const own: Record<string, ((...args: never[]) => unknown) | undefined> = {
    evalsha: (sha: string, _: number, keys: string[], args: Argument[]) =>
      member.evaluate({ name: 'under test', sha, source: '' }, keys, args),
    // any kind that our scripts do not expect where they find it
    lpush: (key: string, value: string) => send('SADD', key, value),
    rpush: (key: string, value: string) => send('SADD', key, value),
    flushall: () => member.scan('*').map((key) => send('DEL', key)),
    dbsize: () => member.scan('*').length,
    keys: (pattern: string) => member.scan(pattern),
    dump: (key: string) => JSON.stringify(contentsOf(send, key)),
    hgetall: (key: string) => Object.fromEntries(fieldsOf(send, key)),
    hkeys: (key: string) => fieldsOf(send, key).map(([field]) => field),
    sismember: (key: string, value: string) => Number((send('SMEMBERS', key) as string[]).includes(value)),
    call: (name: string, ...args: Bytes[]) => send(name, ...args),
  };
  const run = async (name: string, args: never[]): Promise<unknown> =>
    own[name] ? own[name](...args) : send(name, ...args);
  const atOnce: Record<string, unknown> = {
    duplicate: () => subscriber(member),
    disconnect: () => undefined,
    pipeline: () => pipeline(run),
  };
  return new Proxy({} as Redis, {
    // it is no promise, though it has a method of any name
    get: (_, name: string) =>
      name === 'then' || name in atOnce ? atOnce[name] : (...args: never[]) => run(name, args),
  });
}

/** Runs what was called on it, one after the other. */
function pipeline(run: (name: string, args: never[]) => Promise<unknown>): unknown {
  const calls: [name: string, args: never[]][] = [];
  const exec = async (): Promise<[null, unknown][]> => {
    const answers: [null, unknown][] = [];
    for (const [name, args] of calls) answers.push([null, await run(name, args)]);
    return answers;
  };
  return new Proxy(
    {},
    {
      get: (_, name: string) => (name === 'exec' ? exec : (...args: never[]) => void calls.push([name, args])),
    },
  );
}

function fieldsOf(send: (name: string, ...args: Bytes[]) => unknown, key: string): [field: string, value: string][] {
  const [, flat] = send('HSCAN', key, 0, 'COUNT', 100_000) as [string, string[]];
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!]);
}

function subscriber(member: MemoryMember): unknown {
  let end = (): unknown => undefined;
  let hear = (_channel: string, _message: string): void => undefined;
  return {
    on: (_: 'message', listener: typeof hear) => void (hear = listener),
    subscribe: async (channel: string) => void (end = member.subscribe(channel, (message) => hear(channel, message))),
    disconnect: () => end(),
  };
}

function contentsOf(send: (name: string, ...args: Bytes[]) => unknown, key: string): unknown {
  const reads = [['GET'], ['HSCAN', 0, 'COUNT', 100_000], ['SMEMBERS'], ['ZRANGE', 0, -1, 'WITHSCORES']] as const;
  for (const [name, ...rest] of reads) {
    try {
      return send(name, key, ...rest);
    } catch {
      // of another kind
    }
  }
  return undefined;
}

function bytesOf(value: Bytes): string {
  return (Buffer.isBuffer(value) ? value : Buffer.from(String(value))).toString('latin1');
}

function textOf(reply: Reply): unknown {
  if (typeof reply === 'string') return Buffer.from(reply, 'latin1').toString();
  if (Array.isArray(reply)) return reply.map(textOf);
  return typeof reply === 'object' && reply !== null && 'ok' in reply ? reply.ok : reply;
}
