import { encode, encodeEvalsha, encodeMget } from './encoded-call.js';
import { encodedCommandOf, type EncodedCommandCallback, type EncodedCommandClass } from './encoded-command.js';
import { flatten } from './flatten.js';
import type { IoredisClient } from './ioredis-client.js';
import { versionProblem } from './server-version.js';
import type { Argument, Connection, ServerFacts } from './transport.js';
import type { Script } from './script.js';
import type { VoteRequest } from './vote-request.js';

const scanCount = 500;

/** A connection to a single server: what a member usually is. */
export class IoredisConnection implements Connection {
  private readonly EncodedCommand: EncodedCommandClass;

  constructor(
    private readonly client: IoredisClient,
    readonly facts: ServerFacts,
  ) {
    this.EncodedCommand = encodedCommandOf(client);
  }

  evaluate(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return evaluate(this.client, script, keys, args);
  }

  cast(
    markerKey: string,
    incarnation: string,
    batch: readonly VoteRequest[],
    onDone: (error: Error | null, reply?: unknown) => void,
  ): void {
    const { votingScript } = batch[0]!;
    const marker = encode(markerKey);
    if (votingScript.isRead) return this.send('mget', encodeMget(marker, batch), readWith(incarnation, onDone));
    this.send('evalsha', encodeEvalsha(marker, encode(incarnation), batch), (error, reply) => {
      const isGivenUp = batch.length === 0;
      if (!error || !isUnknownScript(error) || isGivenUp) return onDone(error, reply);
      const { script } = votingScript;
      const { keys, args } = flatten(markerKey, incarnation, batch);
      this.client.eval(script.source, keys.length, keys, args).then((late) => onDone(null, late), onDone);
    });
  }

  private send(name: string, payload: string, callback: EncodedCommandCallback): void {
    this.client.sendCommand(new this.EncodedCommand(name, payload, callback));
  }

  scan(pattern: string): AsyncIterable<readonly string[]> {
    return walk((cursor, count) => this.client.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', count));
  }

  close(): void {
    this.client.disconnect();
  }
}

/** Tells as a script would: no vote without the marker, which is read in the same step (quorum.md, S03). */
function readWith(incarnation: string, onDone: (error: Error | null, reply?: unknown) => void): EncodedCommandCallback {
  return (error, reply) => {
    if (error) return onDone(error);
    const texts = reply as (string | null)[];
    const marker = texts.shift();
    if (marker !== incarnation) return onDone(null, 'REJOIN');
    for (let i = 0; i < texts.length; i++) texts[i] ??= '';
    onDone(null, texts);
  };
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

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
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
