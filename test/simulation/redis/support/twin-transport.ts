import { createTransport } from '../../../../lib/member/node-transport.js';
import type { Script } from '../../../../lib/member/script.js';
import type { Argument, Connection, Subscription, Transport } from '../../../../lib/member/transport.js';
import { read } from '../../clients/simulated-client.js';
import { toBytes } from '../bytes.js';
import { SimulatedRedis } from '../simulated-redis.js';

const clockKey = 'twin:clock';
const setClock = scriptOf('set clock', "return redis.call('SET', KEYS[1], ARGV[1])");

function scriptOf(name: string, source: string): Script {
  // two connections of one test may not know each other's scripts, so they go by their text
  return { name, source, sha: 'unknown' };
}

/** One call of which the two servers made different things. */
export interface Difference {
  readonly script: string;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
  readonly real: unknown;
  readonly simulated: unknown;
}

/**
 * A member that is two servers, a real one and a simulated one: each script runs on both, with the same time. The client
 * goes on with the real answer.
 */
export class TwinTransport implements Transport {
  /** As a Cluster's, when a test says so. */
  mayKeepPart = false;
  readonly differences: Difference[] = [];
  /** Scripts that ran, and how often. */
  readonly runs = new Map<string, number>();
  private readonly transport: Transport;
  private readonly channels: string[] = [];
  private twin: SimulatedRedis | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private timeUs = 0;

  constructor(url: string) {
    this.transport = createTransport('twin', url, 'majority');
  }

  get address(): string {
    return this.transport.address;
  }

  get simulated(): SimulatedRedis {
    return this.twin!;
  }

  mapKey(key: string): string {
    return key;
  }

  async connect(timeout: number, onClosed: (reason: string) => void): Promise<Connection> {
    const real = await this.transport.connect(timeout, onClosed);
    const subscribers = (channel: string): number => this.channels.filter((one) => one === channel).length;
    const environment = { nowUs: () => this.timeUs, publish: subscribers, subscribers };
    this.twin ??= new SimulatedRedis(real.facts.incarnation, environment);
    return {
      facts: real.facts,
      evaluate: (script, keys, args) => this.inTurn(() => this.onBoth(real, script, keys, args)),
      scan: (pattern) => real.scan(pattern),
      close: () => real.close(),
    };
  }

  async subscribe(channel: string, ...rest: SubscribeRest): Promise<Subscription> {
    const subscription = await this.transport.subscribe(channel, ...rest);
    this.channels.push(channel);
    return subscription;
  }

  /** Does something to both that no client does. */
  async strike(source: string): Promise<void> {
    const real = await this.transport.connect(5000, () => undefined);
    await this.inTurn(() => this.onBoth(real, scriptOf('strike', source), [], []));
    real.close();
  }

  private async onBoth(
    real: Connection,
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<unknown> {
    this.timeUs = Date.now() * 1000;
    await real.evaluate(setClock, [clockKey], [String(this.timeUs)]);
    const timed = withClock(script);
    const words = [String(keys.length), ...keys.map(toBytes), ...args.map(toBytes)];
    const answers = await Promise.all([
      outcome(() => real.evaluate(timed, keys, args)),
      outcome(() => read(this.simulated.execute(['EVAL', toBytes(script.source), ...words]))),
    ]);
    this.runs.set(script.name, (this.runs.get(script.name) ?? 0) + 1);
    const [theirs, ours] = answers;
    if (comparable(theirs, args) !== comparable(ours, args)) {
      this.differences.push({ script: script.name, keys, args, real: theirs, simulated: ours });
    }
    if ('error' in theirs) throw new Error(theirs.error);
    return theirs.answer;
  }

  /** One after the other, so that both servers see the same order. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work, work);
    this.last = mine.catch(() => undefined);
    return mine;
  }
}

type SubscribeRest = Parameters<Transport['subscribe']> extends [string, ...infer Rest] ? Rest : never;
type Outcome = { readonly answer: unknown } | { readonly error: string };

const timedScripts = new Map<Script, Script>();

/** The script with the time that it is given instead of the server's own. */
function withClock(script: Script): Script {
  let timed = timedScripts.get(script);
  if (!timed) {
    const time = `(function() local us = redis.call('GET', '${clockKey}') return { string.sub(us, 1, -7), string.sub(us, -6) } end)()`;
    timed = scriptOf(script.name, script.source.replaceAll("redis.call('TIME')", time));
    timedScripts.set(script, timed);
  }
  return timed;
}

/** Names of queues are the members of a set, which has no order. */
function comparable(one: Outcome, args: readonly Argument[]): string {
  if (args[2] !== 'names' || !('answer' in one)) return JSON.stringify(one);
  return JSON.stringify([...(one.answer as string[])].sort());
}

async function outcome(run: () => unknown): Promise<Outcome> {
  try {
    return { answer: await run() };
  } catch (error) {
    // of an error its code tells enough
    return { error: (error as Error).message.split(' ')[0]! };
  }
}
