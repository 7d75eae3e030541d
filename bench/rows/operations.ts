import type { Purpose } from '../contenders.js';
import { DRAIN_MS } from '../worker/come-back.js';
import { addFailures, type FailureCounts } from '../worker/failures.js';
import { KEY_POOL } from '../worker/keys.js';
import { QUEUE_MS } from '../worker/queue-load.js';
import { FILL_MS } from '../worker/store-load.js';
import type { WorkerProcess } from '../worker/worker-process.js';
import type { LocalGroup } from './row-context.js';
import { readTraffic, type Traffic, trafficPerOperation } from './traffic.js';

const BYTES = 100;
const QUEUE = 'bench';
/** Messages for each second that a slice of others lasts. */
const MESSAGES_PER_SECOND = 10_000;
const MESSAGES_PER_SECOND_ONE_BY_ONE = 1000;

/** What is measured of a contender of each purpose. */
export const operations = {
  lock: ['acquire+release'],
  store: ['get', 'repeated set', 'first set'],
  queue: ['put', 'process'],
} as const satisfies Record<Purpose, readonly string[]>;

export type Operation = (typeof operations)[Purpose][number];

/** One operation in one slice. */
export interface Measured {
  readonly operation: Operation;
  readonly rate: number;
  /** CPU time of the contender's process per operation, µs. */
  readonly cpuUs: number;
  /** Of a member, per operation. */
  readonly traffic: Traffic;
  readonly failures: FailureCounts;
}

/** A contender's process and the servers that it works on. */
export interface Running {
  readonly process: WorkerProcess;
  readonly group: LocalGroup;
}

export interface Effort {
  readonly concurrency: number;
  readonly seconds: number;
  readonly round: number;
}

/** Measures all operations of a purpose, one after the other. */
export async function measureOperations(purpose: Purpose, running: Running, effort: Effort): Promise<Measured[]> {
  if (purpose === 'lock') return [await measureLock(running, effort)];
  if (purpose === 'queue') return measureQueue(running, effort);
  const { process, group } = running;
  const pool = { keys: KEY_POOL, valueBytes: BYTES };
  await process.run('fill', pool, FILL_MS);
  const all: Measured[] = [];
  for (const operation of operations.store) {
    const { concurrency, seconds, round } = effort;
    const load = {
      concurrency,
      seconds,
      operation: operation === 'get' ? ('get' as const) : ('set' as const),
      valueBytes: BYTES,
      newKeys: operation === 'first set' ? `${round}-${concurrency}` : undefined,
    };
    const result = await counted(
      group,
      () => process.run('store', load, seconds * 1000 + 2 * DRAIN_MS),
      (slice) => slice.cycles,
    );
    all.push({ ...result, operation });
  }
  return all;
}

async function measureLock({ process, group }: Running, { concurrency, seconds }: Effort): Promise<Measured> {
  const result = await counted(
    group,
    () => process.run('uncontended', { concurrency, seconds }, seconds * 1000 + 2 * DRAIN_MS),
    (slice) => slice.cycles,
  );
  return { ...result, operation: 'acquire+release' };
}

async function measureQueue({ process, group }: Running, { concurrency, seconds }: Effort): Promise<Measured[]> {
  const perSecond = concurrency === 1 ? MESSAGES_PER_SECOND_ONE_BY_ONE : MESSAGES_PER_SECOND;
  const messages = Math.max(concurrency, Math.ceil(perSecond * seconds));
  const load = { queue: QUEUE, messages, concurrency, bodyBytes: BYTES, perCall: 1 };
  const put = await counted(
    group,
    async () => {
      const { putRate, putCpuUs, failures } = await process.run('put', load, 2 * QUEUE_MS);
      return { rate: putRate, cpuUs: putCpuUs, failures };
    },
    () => messages,
  );
  const drain = await counted(
    group,
    async () => {
      const { drainRate, drainCpuUs, failures } = await process.run('drain', load, 2 * QUEUE_MS);
      return { rate: drainRate, cpuUs: drainCpuUs, failures };
    },
    () => messages,
  );
  return [
    { ...put, operation: 'put' },
    { ...drain, operation: 'process' },
  ];
}

interface Slice {
  readonly rate: number;
  readonly cpuUs: number;
  readonly failures: FailureCounts;
}

async function counted<S extends Slice>(
  group: LocalGroup,
  run: () => Promise<S>,
  countOf: (slice: S) => number,
): Promise<Omit<Measured, 'operation'>> {
  const before = await readTraffic(group);
  const slice = await run();
  const traffic = trafficPerOperation(before, await readTraffic(group), countOf(slice));
  return { rate: slice.rate, cpuUs: slice.cpuUs, traffic, failures: addFailures(slice.failures) };
}
