import { failureNotes, fixed, ratio, whole } from '../report.js';
import { exactly, median, quantile } from '../statistics.js';
import { addFailures, countFailures, type FailureCounts } from '../worker/failures.js';
import type { LatencyResult } from '../worker/queue-latency.js';
import { type DrainResult, type PutResult, QUEUE_MS } from '../worker/queue-load.js';
import type { WorkerProcess } from '../worker/worker-process.js';
import { queueContenders, RunningQueues } from './queue-contenders.js';
import type { Chart, Row, Table } from './row.js';
import type { RowContext } from './row-context.js';
import { type Slice, takeTurns } from './turns.js';

const BODY_BYTES = 100;
const QUEUE = 'bench';
const ROUNDS = 10;
const CONCURRENCIES = [1, 16, 64, 256];
/** Messages of a slice; with concurrency 1, where all are slower, fewer. */
const MESSAGES = 10_000;
const MESSAGES_ONE_BY_ONE = 2_000;
const PUT_CONCURRENCY = 64;
const BULK = 100;
/** Messages of a slice for the latency. */
const SAMPLES = 50;

type PutWay = 'one by one' | 'bulk';

/** What is put is then processed, so that each slice begins and ends with an empty queue. */
type Task = { readonly kind: 'flow'; readonly concurrency: number } | { readonly kind: 'latency' };

type Result = Partial<PutResult> &
  Partial<DrainResult> &
  Partial<LatencyResult> & { readonly way?: PutWay; readonly failures: FailureCounts };

type QueueSlice = Slice<Task, Result>;

/** Put, process and latency beside BullMQ on one Redis and a bare queue on one Redis. */
export const row: Row = {
  name: 'queue',
  async run(context) {
    await using running = await RunningQueues.start(context);
    const concurrencies = context.concurrency(CONCURRENCIES);
    const slices = await takeTurns<WorkerProcess, Task, Result>(
      context,
      running.all.map(({ process }) => process),
      {
        title: 'queue',
        tasks: [
          ...concurrencies.map((concurrency) => ({ kind: 'flow' as const, concurrency })),
          { kind: 'latency' as const },
        ],
        seconds: 0,
        rounds: context.rounds(ROUNDS),
        run: (contender, task, round) =>
          task.kind === 'flow'
            ? runFlow(context, contender, task.concurrency, (round + concurrencies.indexOf(task.concurrency)) % 2 === 0)
            : runLatency(contender),
      },
    );
    return {
      tables: [rates(context, slices, concurrencies), costs(context, slices, concurrencies)],
      charts: [chart(context, slices, concurrencies)],
      samples: slices,
    };
  },
};

async function runFlow(
  context: RowContext,
  contender: WorkerProcess,
  concurrency: number,
  isBulk: boolean,
): Promise<Result> {
  const messages = context.count(concurrency === 1 ? MESSAGES_ONE_BY_ONE : MESSAGES);
  const calls = isBulk ? { perCall: BULK, concurrency: 1 } : { perCall: 1, concurrency: PUT_CONCURRENCY };
  const put = await contender.run('put', { queue: QUEUE, messages, bodyBytes: BODY_BYTES, ...calls }, 2 * QUEUE_MS);
  const drain = await contender.run('drain', { queue: QUEUE, messages, concurrency }, 2 * QUEUE_MS);
  const failures = addFailures(put.failures, drain.failures);
  return { ...put, ...drain, way: isBulk ? 'bulk' : 'one by one', failures };
}

async function runLatency(contender: WorkerProcess): Promise<Result> {
  return contender.run('latency', { queue: QUEUE, messages: SAMPLES, bodyBytes: BODY_BYTES }, 2 * QUEUE_MS);
}

/** What is measured in the slices of one contender. */
interface Measure {
  readonly title: string;
  rate(slices: readonly QueueSlice[]): number;
  cpuUs(slices: readonly QueueSlice[]): number;
}

function measures(concurrencies: readonly number[]): readonly Measure[] {
  const put = (title: string, wanted: PutWay): Measure => {
    const of = (slices: readonly QueueSlice[], key: 'putRate' | 'putCpuUs') =>
      median(slices.filter(({ way }) => way === wanted).map((slice) => slice[key] ?? NaN));
    return { title, rate: (slices) => of(slices, 'putRate'), cpuUs: (slices) => of(slices, 'putCpuUs') };
  };
  const drain = (concurrency: number): Measure => {
    const of = (slices: readonly QueueSlice[], key: 'drainRate' | 'drainCpuUs') =>
      median(
        slices
          .filter((slice) => slice.kind === 'flow' && slice.concurrency === concurrency)
          .map((slice) => slice[key] ?? NaN),
      );
    return {
      title: `process, ${concurrency}`,
      rate: (slices) => of(slices, 'drainRate'),
      cpuUs: (slices) => of(slices, 'drainCpuUs'),
    };
  };
  return [
    put(`put, ${PUT_CONCURRENCY} at once`, 'one by one'),
    put(`bulk put of ${BULK}`, 'bulk'),
    ...concurrencies.map(drain),
  ];
}

function rates(context: RowContext, slices: readonly QueueSlice[], concurrencies: readonly number[]): Table {
  const labels = queueContenders(context).map(({ label }) => label);
  const of = (label: string) => slices.filter(({ contender }) => contender === label);
  const latencies = (label: string) => of(label).flatMap(({ latencies: all = [] }) => all);
  const failures = (label: string) => addFailures(...of(label).map((slice) => slice.failures));
  const sum = (label: string, key: 'left' | 'twice') =>
    of(label).reduce((total, slice) => total + (slice[key] ?? 0), 0);
  return {
    title: `Queue, messages of ${BODY_BYTES} bytes: messages/s`,
    columns: [
      '',
      ...measures(concurrencies).flatMap(({ title }) => [title, '× bullmq']),
      'idle p50 ms',
      '× bullmq',
      'p99 ms',
      'lost',
      'twice',
      'failed',
    ],
    rows: labels.map((label) => [
      label,
      ...measures(concurrencies).flatMap((measure) => [
        whole(measure.rate(of(label))),
        ratio(measure.rate(of(label)), measure.rate(of('bullmq'))),
      ]),
      fixed(quantile(latencies(label), 0.5)),
      ratio(quantile(latencies(label), 0.5), quantile(latencies('bullmq'), 0.5)),
      fixed(quantile(latencies(label), 0.99)),
      whole(sum(label, 'left')),
      whole(sum(label, 'twice')),
      whole(countFailures(failures(label))),
    ]),
    notes: [
      'idle: from the call of put to the message in the hands of a consumer that had nothing to do.',
      ...labels.flatMap((label) => failureNotes(label, failures(label))),
    ],
  };
}

function costs(context: RowContext, slices: readonly QueueSlice[], concurrencies: readonly number[]): Table {
  return {
    title: "Queue: CPU of the contender's process, µs per message",
    columns: ['', ...measures(concurrencies).map(({ title }) => title)],
    rows: queueContenders(context).map(({ label }) => {
      const own = slices.filter(({ contender }) => contender === label);
      return [label, ...measures(concurrencies).map((measure) => fixed(measure.cpuUs(own), 1))];
    }),
    notes: [],
  };
}

function chart(context: RowContext, slices: readonly QueueSlice[], concurrencies: readonly number[]): Chart {
  const all = measures(concurrencies);
  return {
    title: 'Queue',
    unit: 'messages/s',
    as: 'bars',
    steps: all.map(({ title }) => title),
    lines: queueContenders(context).map(({ label }) => {
      const own = slices.filter(({ contender }) => contender === label);
      return { name: label, points: all.map((measure) => exactly(measure.rate(own))) };
    }),
  };
}
