import { failureNotes, ratio, whole } from '../report.js';
import { median } from '../statistics.js';
import { addFailures, type FailureCounts } from '../worker/failures.js';
import { type DrainResult, type PutResult, QUEUE_MS } from '../worker/queue-load.js';
import { queueContenders, RunningQueue } from './queue-contenders.js';
import type { Row, Table } from './row.js';
import type { RowContext } from './row-context.js';
import { usedMemory } from './used-memory.js';

const BODY_BYTES = 100;
const QUEUE = 'backlog';
const SIZES = [1_000, 10_000, 100_000];
const ROUNDS = 5;
/** Messages of a slice. */
const MESSAGES = 10_000;
const CONCURRENCY = 64;
const BULK = 1_000;

interface Sample {
  readonly contender: string;
  /** Messages that wait. */
  readonly size: number;
  /** Medians of the rounds, messages/s. */
  readonly putRate: number;
  readonly processRate: number;
  /** Bytes of a member's memory for each message that waits. */
  readonly bytes: number;
  readonly failures: FailureCounts;
}

/** Whether many messages that wait slow down those that come and go, and what each costs in memory. */
export const row: Row = {
  name: 'queue-backlog',
  async run(context) {
    const samples: Sample[] = [];
    for (const contender of queueContenders(context)) {
      // one after the other: together a million messages each would not fit everywhere
      await using running = await RunningQueue.start(context, contender);
      if (running) samples.push(...(await runContender(context, running)));
    }
    return { tables: [table(context, samples)], samples };
  },
};

async function runContender(context: RowContext, { contender, process, group }: RunningQueue): Promise<Sample[]> {
  const samples: Sample[] = [];
  const failures: FailureCounts[] = [];
  const put = async (messages: number, perCall: number, concurrency: number): Promise<PutResult> => {
    const load = { queue: QUEUE, messages, bodyBytes: BODY_BYTES, perCall, concurrency };
    const result = await process.run('put', load, 2 * QUEUE_MS);
    failures.push(result.failures);
    return result;
  };
  const drain = async (): Promise<DrainResult> => {
    const load = { queue: QUEUE, messages: MESSAGES, concurrency: CONCURRENCY };
    const result = await process.run('drain', load, 2 * QUEUE_MS);
    failures.push(result.failures);
    return result;
  };
  await context.attempt(contender.label, 'was stopped', async () => {
    // warms up connections and compilers, and memory that does not grow with messages
    await put(MESSAGES, 1, CONCURRENCY);
    await drain();
    const empty = await usedMemory(group);
    let waiting = 0;
    for (const size of context.sizes(SIZES)) {
      context.progress(`queue-backlog: ${contender.label}, ${whole(size)} messages`);
      await put(size - waiting, BULK, 1);
      waiting = size;
      const bytes = ((await usedMemory(group)) - empty) / size;
      const puts: number[] = [];
      const drains: number[] = [];
      for (let round = 0; round < context.rounds(ROUNDS); round++) {
        puts.push((await put(MESSAGES, 1, CONCURRENCY)).putRate);
        drains.push((await drain()).drainRate);
      }
      const rates = { putRate: median(puts), processRate: median(drains) };
      samples.push({ contender: contender.label, size, ...rates, bytes, failures: addFailures(...failures.splice(0)) });
    }
  });
  return samples;
}

function table(context: RowContext, samples: readonly Sample[]): Table {
  const sizes = context.sizes(SIZES);
  const labels = [...new Set(samples.map(({ contender }) => contender))];
  const of = (label: string, size: number) =>
    samples.find((sample) => sample.contender === label && sample.size === size);
  const failures = (label: string) =>
    addFailures(...samples.filter(({ contender }) => contender === label).map((sample) => sample.failures));
  const curve = (label: string, key: 'putRate' | 'processRate') =>
    sizes.flatMap((size, index) => {
      const rate = of(label, size)?.[key] ?? NaN;
      return index === 0 ? [whole(rate)] : [whole(rate), ratio(rate, of(label, sizes[0] ?? 0)?.[key] ?? NaN)];
    });
  const title = (what: string) =>
    sizes.flatMap((size, index) => [`${what} at ${whole(size)}`, ...(index === 0 ? [] : ['× first'])]);
  return {
    title: `Queue with messages that wait: messages/s with ${CONCURRENCY} at once, messages of ${BODY_BYTES} bytes`,
    columns: ['', ...title('put'), ...title('process'), 'bytes a message'],
    rows: labels.map((label) => [
      label,
      ...curve(label, 'putRate'),
      ...curve(label, 'processRate'),
      whole(of(label, sizes.at(-1) ?? 0)?.bytes ?? NaN),
    ]),
    notes: [
      'bytes a message: what the memory of a member grew by, with the most messages; × first: of the rate with the fewest.',
      ...labels.flatMap((label) => failureNotes(label, failures(label))),
    ],
  };
}
