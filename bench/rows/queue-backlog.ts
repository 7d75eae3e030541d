import { whole } from '../report.js';
import { QUEUE_MS } from '../worker/queue-load.js';
import type { WorkerProcess } from '../worker/worker-process.js';
import { grownChart, grownTable, type GrownSample, measureGrowth } from './grown.js';
import { queueContenders, RunningQueue, type QueueContender } from './queue-contenders.js';
import type { Row, Table } from './row.js';
import type { RowContext } from './row-context.js';
import { usedMemory } from './used-memory.js';

const BODY_BYTES = 100;
const QUEUE = 'backlog';
const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const ROUNDS = 5;
/** Messages of a slice. */
const MESSAGES = 5_000;
const CONCURRENCY = 64;
const BULK = 1_000;

/** What is put is processed in the same slice or the one after, so that as many wait all the time. */
const operations = ['put', 'process'] as const;

interface Memory {
  readonly label: string;
  readonly size: number;
  /** Bytes of a member's memory for each message that waits. */
  readonly bytes: number;
}

/** Whether many messages that wait slow down those that come and go, and what each costs in memory. */
export const row: Row = {
  name: 'queue-backlog',
  async run(context) {
    const samples: GrownSample[] = [];
    const memory: Memory[] = [];
    // one after the other: together a million messages each would not fit everywhere
    for (const contender of queueContenders(context)) samples.push(...(await runContender(context, contender, memory)));
    const heading = (operation: string) =>
      `Queue with messages of ${BODY_BYTES} bytes that wait, ${operation}, ${CONCURRENCY} at once: messages/s`;
    return {
      tables: [
        ...operations.map((operation) => grownTable(heading(operation), samples, operation, 'wait')),
        memoryTable(memory),
      ],
      charts: operations.map((operation) =>
        grownChart(`${operation}, by messages that wait`, 'messages/s', samples, operation),
      ),
      samples: { rates: samples, memory },
    };
  },
};

async function runContender(context: RowContext, contender: QueueContender, memory: Memory[]): Promise<GrownSample[]> {
  const { label } = contender;
  await using few = await RunningQueue.start(context, { ...contender, label: `${label}, few` });
  await using many = await RunningQueue.start(context, { ...contender, label: `${label}, many` });
  if (!few || !many) return [];
  const messages = context.count(MESSAGES);
  const put = (process: WorkerProcess, count: number, perCall: number, concurrency: number) =>
    process.run('put', { queue: QUEUE, messages: count, bodyBytes: BODY_BYTES, perCall, concurrency }, 2 * QUEUE_MS);
  const drain = (process: WorkerProcess) =>
    process.run('drain', { queue: QUEUE, messages, concurrency: CONCURRENCY }, 2 * QUEUE_MS);
  // warms up connections and compilers, and memory that does not grow with messages
  await context.attempt(label, 'was not warmed up', async () => {
    await put(many.process, messages, 1, CONCURRENCY);
    await drain(many.process);
  });
  const empty = await usedMemory(many.group);
  // awaited here: servers and contenders end with this function
  return await measureGrowth(
    context,
    { label, few: few.process, many: many.process },
    {
      title: 'queue-backlog',
      sizes: context.sizes(SIZES),
      operations,
      seconds: 0,
      rounds: context.rounds(ROUNDS),
      fill: async (process, from, to) => (await put(process, to - from, Math.min(BULK, to - from), 1)).failures,
      measure: async (process, { operation }) => {
        if (operation === 'put') {
          const { putRate, failures } = await put(process, messages, 1, CONCURRENCY);
          return { rate: putRate, failures };
        }
        const { drainRate, failures } = await drain(process);
        return { rate: drainRate, failures };
      },
      onFilled: async (size) => {
        memory.push({ label, size, bytes: ((await usedMemory(many.group)) - empty) / size });
      },
    },
  );
}

function memoryTable(memory: readonly Memory[]): Table {
  const sizes = [...new Set(memory.map(({ size }) => size))];
  return {
    title: 'Queue with messages that wait: bytes of a member for each of them',
    columns: ['', ...sizes.map(whole)],
    rows: [...new Set(memory.map(({ label }) => label))].map((label) => [
      label,
      ...sizes.map((size) => whole(memory.find((one) => one.label === label && one.size === size)?.bytes ?? NaN)),
    ]),
    notes: [],
  };
}
