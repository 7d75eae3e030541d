import type { CallForm } from './encoded-call.js';
import type { IoredisClient } from './ioredis-client.js';
import { versionProblem } from './server-version.js';
import type { Argument, Connection, ServerFacts } from './transport.js';
import { isUnknownScript, type Script } from './script.js';
import { VoteCaster } from './vote-caster.js';

const scanCount = 500;

/** Calls as the requests have them. */
const plain: CallForm = { kept: 'encoded', mapKey: (key) => key, scriptOf: (script) => script, lastKeys: [] };

/** A connection to a single server: what a member usually is. */
export class IoredisConnection implements Connection {
  readonly cast: NonNullable<Connection['cast']>;

  constructor(
    private readonly client: IoredisClient,
    readonly facts: ServerFacts,
  ) {
    this.cast = new VoteCaster(client, plain).cast;
  }

  evaluate(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return evaluate(this.client, script, keys, args);
  }

  scan(pattern: string): AsyncIterable<readonly string[]> {
    return walk((cursor, count) => this.client.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', count));
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
    if (!isUnknownScript(error)) throw error;
    return client.eval(script.source, keys.length, keys, args);
  }
}

/**
 * Walks the whole key space of one server in pages.
 *
 * @param pageAt asks for the page at a cursor, of so many keys that are looked at: what SCAN answers
 */
export async function* walk(
  pageAt: (cursor: string, count: number) => Promise<unknown>,
): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  do {
    const [next, page] = (await pageAt(cursor, scanCount)) as [string, string[]];
    // also without a key in it: who waits for a page sees that the server answers
    yield page;
    cursor = next;
  } while (cursor !== '0');
}

/** Reads `run_id` and the eviction policy. @throws Error when the server is too old or does not tell its `run_id` */
export async function readFacts(client: IoredisClient): Promise<ServerFacts> {
  const [server, memory] = await Promise.all([client.call('INFO', 'server'), client.call('INFO', 'memory')]);
  return parseFacts(String(server), String(memory));
}

function parseFacts(server: string, memory: string): ServerFacts {
  const problem = versionProblem(server);
  if (problem !== undefined) throw new Error(problem);
  const incarnation = /^run_id:(\w+)/m.exec(server)?.[1];
  if (!incarnation) throw new Error('INFO server tells no run_id');
  return { incarnation, evictionPolicy: /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] };
}
