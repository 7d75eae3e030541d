import { connect, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { loadTesting } from '../library.js';
import { fixed, formatTable, ratio, whole } from '../report.js';
import { median } from '../statistics.js';

// npm run micro: what calling one small script costs, by call, by protocol and by client. One server, one connection,
// variants in turns; CPU is of this process.

const SCRIPT = "redis.call('SET', KEYS[1], ARGV[1]) return 1";
const LIBRARY = `#!lua name=wire\nredis.register_function('wire', function(KEYS, ARGV) ${SCRIPT} end)`;
const VALUE = 'v'.repeat(24);
/** Calls of a slice with one at a time; with several at once three times as many. */
const CALLS = 3_000;
const AT_ONCE = [1, 64];
const ROUNDS = 7;
/** Replies are `:1` in both protocols. */
const REPLY_BYTES = 4;

interface Variant {
  readonly name: string;
  call(key: string): Promise<unknown>;
  close(): void;
}

/** A socket that encodes a command and counts replies, which are all alike, and does nothing else. */
class BareSocket {
  private readonly waiting: (() => void)[] = [];
  private received = 0;
  private pending = '';

  constructor(
    private readonly socket: Socket,
    private readonly isGathering: boolean,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (data) => {
      this.received += data.length;
      for (; this.received >= REPLY_BYTES; this.received -= REPLY_BYTES) this.waiting.shift()?.();
    });
  }

  call(command: string): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (!this.isGathering) this.socket.write(command);
      else {
        if (this.pending === '') setImmediate(() => this.flush());
        this.pending += command;
      }
    });
  }

  private flush(): void {
    this.socket.write(this.pending);
    this.pending = '';
  }
}

async function bare(
  name: string,
  port: number,
  how: { words: string[]; resp: 2 | 3; gather: boolean },
): Promise<Variant> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(encode(['HELLO', String(how.resp)]));
  await new Promise((resolve) => socket.once('data', resolve));
  const client = new BareSocket(socket, how.gather);
  return {
    name,
    call: (key) => client.call(encode([...how.words, '1', key, VALUE])),
    close: () => socket.destroy(),
  };
}

function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

async function measure(variant: Variant, atOnce: number): Promise<{ rate: number; cpuUs: number }> {
  const calls = atOnce === 1 ? CALLS : 3 * CALLS;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < calls) await variant.call(`key:${next++ % 1000}`);
  };
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  const { user, system } = process.cpuUsage(cpuBefore);
  return { rate: (calls * 1000) / (performance.now() - startedAt), cpuUs: (user + system) / calls };
}

const { startLocalGroup } = await loadTesting();
await using group = await startLocalGroup({ size: 1 });
const [url = ''] = group.urls;
const port = Number(new URL(url).port);
const client = new Redis(url);
const resp2 = new Redis(url, { protocol: 2 });
const gathering = new Redis(url, { enableAutoPipelining: true });
const sha = String(await client.script('LOAD', SCRIPT));
await client.call('FUNCTION', 'LOAD', LIBRARY);
const evalsha = ['EVALSHA', sha];
const fcall = ['FCALL', 'wire'];
const variants: Variant[] = [
  { name: 'ioredis, EVALSHA', call: (key) => client.evalsha(sha, 1, key, VALUE), close: () => client.disconnect() },
  {
    name: 'ioredis, EVALSHA, RESP2',
    call: (key) => resp2.evalsha(sha, 1, key, VALUE),
    close: () => resp2.disconnect(),
  },
  { name: 'ioredis, FCALL', call: (key) => client.fcall('wire', 1, key, VALUE), close: () => undefined },
  {
    name: 'ioredis, EVALSHA, autopipelining',
    call: (key) => gathering.evalsha(sha, 1, key, VALUE),
    close: () => gathering.disconnect(),
  },
  await bare('socket, EVALSHA, a write each', port, { words: evalsha, resp: 2, gather: false }),
  await bare('socket, EVALSHA, gathered', port, { words: evalsha, resp: 2, gather: true }),
  await bare('socket, EVALSHA, gathered, RESP3', port, { words: evalsha, resp: 3, gather: true }),
  await bare('socket, FCALL, gathered', port, { words: fcall, resp: 2, gather: true }),
];

for (const atOnce of AT_ONCE) {
  const rates = new Map<Variant, number[]>(variants.map((variant) => [variant, []]));
  const cpus = new Map<Variant, number[]>(variants.map((variant) => [variant, []]));
  // round 0 warms up
  for (let round = 0; round <= ROUNDS; round++)
    for (let turn = 0; turn < variants.length; turn++) {
      const variant = variants[(turn + round) % variants.length]!;
      const { rate, cpuUs } = await measure(variant, atOnce);
      if (round === 0) continue;
      rates.get(variant)?.push(rate);
      cpus.get(variant)?.push(cpuUs);
    }
  const [first] = variants;
  const base = median(rates.get(first!) ?? []);
  const rows = variants.map((variant) => {
    const rate = median(rates.get(variant) ?? []);
    return [variant.name, whole(rate), ratio(rate, base), fixed(median(cpus.get(variant) ?? []), 1)];
  });
  const columns = ['', 'calls/s', '× first', 'CPU µs'];
  console.log(formatTable({ title: `\nA script that sets one key, ${atOnce} at once`, columns, rows, notes: [] }));
}
for (const variant of variants) variant.close();
