import { setTimeout as pause } from 'node:timers/promises';
import { connectMajorityRedis, type MajorityRedis, type MajorityRedisOptions } from '../../../lib/connect.js';
import { NoQuorumError } from '../../../lib/errors.js';
import { seededRandom } from '../../support/random.js';
import type { KvOperation } from '../checker/check-linearizability.js';
import { now } from '../history/now.js';
import { carryOut, type CalledAction } from './carry-out.js';

/** What the parent sends once. */
export interface KvOrder {
  readonly name: string;
  readonly options: MajorityRedisOptions;
  readonly seed: number;
  /** ms that this process' clock is wrong. */
  readonly clockOffset: number;
  readonly workers: number;
  readonly registers: readonly string[];
  readonly counters: readonly string[];
}

/** `ready` when it is connected; `history` after it was asked to stop. */
export type KvMessage =
  { readonly ready: true } | { readonly history: readonly KvOperation[]; readonly unhandled: readonly string[] };

/** ms between two calls of one worker, at most. */
const restMax = 12;
const unhandled: string[] = [];
const history: KvOperation[] = [];
let isStopped = false;

async function work(redis: MajorityRedis, process: string, order: KvOrder, random: () => number): Promise<void> {
  let seen: string | null = null;
  for (let count = 1; !isStopped; count++) {
    const isCounter = random() < order.counters.length / (order.counters.length + order.registers.length);
    const keys = isCounter ? order.counters : order.registers;
    const key = keys[Math.floor(random() * keys.length)]!;
    const action = isCounter ? pickCount(random) : pickWrite(random, `${process}-${count}`, seen);
    const calledAt = now();
    let outcome: KvOperation['outcome'];
    try {
      const result = await carryOut(redis.kv, key, action);
      if (action.kind === 'get' && !isCounter) seen = result as string | null;
      outcome = { kind: 'ok', result };
    } catch (error) {
      // told before anything was written
      outcome = { kind: error instanceof NoQuorumError ? 'failed' : 'unknown' };
    }
    const returnedAt = outcome.kind === 'unknown' ? Infinity : now();
    history.push({ process, key, action, calledAt, returnedAt, outcome });
    await pause(random() * restMax);
  }
}

function pickCount(random: () => number): CalledAction {
  return random() < 0.6 ? { kind: 'increment', by: 1 } : { kind: 'get' };
}

function pickWrite(random: () => number, value: string, seen: string | null): CalledAction {
  const choice = random();
  if (choice < 0.45) return { kind: 'get' };
  if (choice < 0.65) return { kind: 'set', value };
  if (choice < 0.9) return { kind: 'cas', expected: seen, next: value };
  return { kind: 'delete' };
}

function tell(message: KvMessage): void {
  process.send!(message);
}

process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
// the parent is gone: nobody else would end this process
process.on('disconnect', () => process.exit());
process.once('message', (order: KvOrder) => {
  void (async () => {
    const rightNow = Date.now.bind(Date);
    Date.now = () => rightNow() + order.clockOffset;
    const redis = await connectMajorityRedis(order.options);
    tell({ ready: true });
    process.once('message', () => {
      isStopped = true;
    });
    const random = seededRandom(order.seed);
    const workers = Array.from({ length: order.workers }, (_, i) => work(redis, `${order.name}${i}`, order, random));
    await Promise.all(workers);
    tell({ history, unhandled });
    await redis.close();
  })();
});
