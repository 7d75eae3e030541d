import type { Purpose } from '../contenders.js';
import { TTL_MS } from '../peers/peer.js';
import { failureNotes, whole } from '../report.js';
import { exactly } from '../statistics.js';
import { addFailures, type FailureCounts } from '../worker/failures.js';
import { HOLD_MS } from '../worker/hold-load.js';
import { QUEUE_MS } from '../worker/queue-load.js';
import { FILL_MS } from '../worker/store-load.js';
import type { WorkerProcess } from '../worker/worker-process.js';
import type { Chart, Row, Table } from './row.js';
import type { LocalGroup, RowContext } from './row-context.js';
import { usedMemory } from './used-memory.js';

const SIZE = 3;
const COUNT = 20_000;
/** Fewer: even a slow peer has to hold all of them before the first lease ends. */
const LOCKS = 5_000;
const BYTES = 100;
/** Sets of each key after the first one. */
const REPEATS = 4;
const QUEUE = 'memory';
const BULK = 100;
const CONCURRENCY = 64;

const states = {
  lock: ['held lock', 'lock after its release'],
  store: ['key, set once', `key, set ${REPEATS + 1} times`],
  queue: ['message that waits', 'message that is done'],
} as const satisfies Record<Purpose, readonly [string, string]>;

interface Sample {
  readonly purpose: Purpose;
  readonly contender: string;
  /** Bytes of a member's memory for each one, in both states. */
  readonly bytes: readonly [number, number];
  readonly failures: FailureCounts;
}

/** What a lock, a key and a message cost in a member's memory. */
export const row: Row = {
  name: 'memory',
  async run(context) {
    const samples: Sample[] = [];
    for (const purpose of ['lock', 'store', 'queue'] as const)
      for (const name of context.contenders(purpose)) {
        context.progress(`memory: ${purpose}, ${name}`);
        const sample = await context.attempt(name, 'was stopped', () => runContender(context, purpose, name));
        if (sample) samples.push(sample);
      }
    const purposes = (['lock', 'store', 'queue'] as const).filter((one) => samples.some((s) => s.purpose === one));
    return {
      tables: purposes.map((purpose) => table(context, samples, purpose)),
      charts: purposes.map((purpose) => chart(samples, purpose)),
      samples,
    };
  },
};

function countOf(context: RowContext, purpose: Purpose): number {
  return context.count(purpose === 'lock' ? LOCKS : COUNT);
}

async function runContender(context: RowContext, purpose: Purpose, name: string): Promise<Sample | undefined> {
  // servers of its own: what another one left there is not its cost
  await using group = await context.startGroup(purpose === 'queue' && name !== 'ours' ? 1 : SIZE);
  await using contender = await context.startContender(purpose, name, group);
  if (!contender) return undefined;
  const run = { lock: runLocks, store: runStore, queue: runQueue }[purpose];
  return { purpose, contender: name, ...(await run(contender, group, countOf(context, purpose))) };
}

type Measured = Pick<Sample, 'bytes' | 'failures'>;

async function runLocks(contender: WorkerProcess, group: LocalGroup, locks: number): Promise<Measured> {
  const before = await usedMemory(group);
  const { tookMs, failures } = await contender.run('hold', { keys: locks }, 2 * HOLD_MS);
  const held = ((await usedMemory(group)) - before) / locks;
  if (tookMs > TTL_MS) failures[`took ${whole(tookMs)} ms to take all: some leases had ended`] = 1;
  const letGo = await contender.run('letGo', {}, 2 * HOLD_MS);
  const released = ((await usedMemory(group)) - before) / locks;
  return { bytes: [held, released], failures: addFailures(failures, letGo) };
}

async function runStore(contender: WorkerProcess, group: LocalGroup, keys: number): Promise<Measured> {
  const load = { keys, valueBytes: BYTES };
  const before = await usedMemory(group);
  const failures = [await contender.run('fill', load, 2 * FILL_MS)];
  const first = ((await usedMemory(group)) - before) / keys;
  for (let repeat = 0; repeat < REPEATS; repeat++) failures.push(await contender.run('fill', load, 2 * FILL_MS));
  const repeated = ((await usedMemory(group)) - before) / keys;
  return { bytes: [first, repeated], failures: addFailures(...failures) };
}

async function runQueue(contender: WorkerProcess, group: LocalGroup, messages: number): Promise<Measured> {
  const put = { queue: QUEUE, messages, bodyBytes: BYTES, perCall: BULK, concurrency: 1 };
  const before = await usedMemory(group);
  const { failures } = await contender.run('put', put, 2 * QUEUE_MS);
  const waiting = ((await usedMemory(group)) - before) / messages;
  const drain = { queue: QUEUE, messages, concurrency: CONCURRENCY };
  const drained = await contender.run('drain', drain, 2 * QUEUE_MS);
  const done = ((await usedMemory(group)) - before) / messages;
  return { bytes: [waiting, done], failures: addFailures(failures, drained.failures) };
}

function table(context: RowContext, samples: readonly Sample[], purpose: Purpose): Table {
  const all = samples.filter((sample) => sample.purpose === purpose);
  const count = whole(countOf(context, purpose));
  const what = { lock: `${count} locks`, store: `${count} keys`, queue: `${count} messages` }[purpose];
  const [first, second] = states[purpose];
  return {
    title: `Memory of a member: ${what}${purpose === 'lock' ? '' : ` of ${BYTES} bytes`}, bytes for each one`,
    columns: ['', first, '+ floor', second, '+ floor'],
    rows: all.map(({ contender, bytes }) => {
      const floor = all.find((sample) => sample.contender === 'floor')?.bytes ?? [NaN, NaN];
      return [contender, ...bytes.flatMap((value, state) => [whole(value), whole(value - (floor[state] ?? NaN))])];
    }),
    notes: [
      '+ floor: bytes more than the floor takes.',
      ...all.flatMap(({ contender, failures }) => failureNotes(contender, failures)),
    ],
  };
}

function chart(samples: readonly Sample[], purpose: Purpose): Chart {
  return {
    title: `Memory, ${purpose}`,
    unit: 'bytes for each one on a member',
    as: 'bars',
    steps: states[purpose],
    lines: samples
      .filter((sample) => sample.purpose === purpose)
      .map(({ contender, bytes }) => ({
        name: contender,
        points: bytes.map(exactly),
      })),
  };
}
