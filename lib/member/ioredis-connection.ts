import type { IoredisClient } from './ioredis-client.js';
import type { Argument, Connection, ServerFacts } from './transport.js';
import type { Script } from './script.js';

const scanCount = 500;

/** A connection to a single server: what a member usually is. */
export class IoredisConnection implements Connection {
  readonly incarnation: string;

  constructor(
    private readonly client: IoredisClient,
    readonly facts: ServerFacts,
  ) {
    this.incarnation = facts.incarnation;
  }

  evaluate(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return evaluate(this.client, script, keys, args);
  }

  scan(pattern: string): AsyncIterable<readonly string[]> {
    return scan(this.client, pattern);
  }

  close(): void {
    this.client.disconnect();
  }
}

/** EVALSHA; a server that does not know the script (restarted, flushed) gets it once by EVAL. */
export async function evaluate(
  client: IoredisClient,
  script: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<unknown> {
  try {
    return await client.evalsha(script.sha, keys.length, keys, args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return client.eval(script.source, keys.length, keys, args);
  }
}

/** Walks the whole key space of one server in pages. */
export async function* scan(client: IoredisClient, pattern: string): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  do {
    const [next, page] = (await client.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', scanCount)) as [
      string,
      string[],
    ];
    // also without a key in it: who waits for a page sees that the server answers
    yield page;
    cursor = next;
  } while (cursor !== '0');
}

/** Reads `run_id` and the eviction policy. @throws Error when the server does not tell its `run_id` */
export async function readFacts(client: IoredisClient): Promise<ServerFacts> {
  const [server, memory] = await Promise.all([client.call('INFO', 'server'), client.call('INFO', 'memory')]);
  return parseFacts(String(server), String(memory));
}

export function parseFacts(server: string, memory: string): ServerFacts {
  const incarnation = /^run_id:(\w+)/m.exec(server)?.[1];
  if (!incarnation) throw new Error('INFO server tells no run_id');
  return { incarnation, evictionPolicy: /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] };
}
