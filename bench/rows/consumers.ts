import { setTimeout as pause } from 'node:timers/promises';
import { failureNotes, fixed, ratio, whole } from '../report.js';
import { median, spreadOf } from '../statistics.js';
import { DRAIN_MS } from '../worker/come-back.js';
import type { ConsumersResult } from '../worker/consumers-load.js';
import { addFailures, countFailures, type FailureCounts } from '../worker/failures.js';
import { QUEUE_MS } from '../worker/queue-load.js';
import type { WorkerProcess } from '../worker/worker-process.js';
import { queueContenders, RunningQueue, type QueueContender } from './queue-contenders.js';
import type { Chart, Row, Table } from './row.js';
import type { RowContext } from './row-context.js';
import { type Slice, takeTurns } from './turns.js';

const CONSUMERS = [1, 4, 16, 64];
const PROCESSES_MAX = 8;
/** Members that ours is measured on. */
const MEMBERS = 3;
/** Messages that each consumer works on at once. */
const CONCURRENCY = 4;
const ROUNDS = 5;
/** Messages of a slice. */
const MESSAGES = 20_000;
const BODY_BYTES = 100;
const BULK = 1_000;
const QUEUE = 'consumers';
const LOOK_EVERY_MS = 50;

interface Result {
  /** Messages per second from the first start to the last message done. */
  readonly rate: number;
  /** CPU time of all processes with consumers per message, µs. */
  readonly cpuUs: number;
  /** Messages of each consumer. */
  readonly done: readonly number[];
  readonly failures: FailureCounts;
}

type Sample = Slice<{ readonly consumers: number }, Result>;

/** How a queue serves more and more consumers in several processes. */
export const row: Row = {
  name: 'consumers',
  async run(context) {
    const steps = context.concurrency(CONSUMERS);
    await using teams = await Teams.start(context, Math.min(PROCESSES_MAX, Math.max(...steps)));
    const samples = await takeTurns(context, teams.all, {
      title: 'consumers',
      tasks: steps.map((consumers) => ({ consumers })),
      seconds: 0,
      rounds: context.rounds(ROUNDS),
      run: (team, { consumers }) => team.work(consumers, context.count(MESSAGES)),
    });
    return { tables: [table(samples, steps), shares(samples, steps)], charts: [chart(samples, steps)], samples };
  },
};

/** A contender with one process that puts, and several that consume. */
class Team {
  readonly name: string;

  constructor(
    private readonly producer: WorkerProcess,
    private readonly processes: readonly WorkerProcess[],
  ) {
    this.name = producer.name;
  }

  async work(consumers: number, messages: number): Promise<Result> {
    const put = { queue: QUEUE, messages, bodyBytes: BODY_BYTES, perCall: BULK, concurrency: 1 };
    const { failures } = await this.producer.run('put', put, 2 * QUEUE_MS);
    const used = this.processes.slice(0, consumers);
    const each = used.map((_, index) => Math.ceil((consumers - index) / used.length));
    await Promise.all(
      used.map((process, index) => {
        const load = { queue: QUEUE, consumers: each[index] ?? 0, concurrency: CONCURRENCY };
        return process.run('consumers', { step: 'connect', ...load }, QUEUE_MS);
      }),
    );
    await step(used, 'start');
    const giveUpAt = performance.now() + QUEUE_MS;
    let results = await step(used, 'look');
    while (countOf(results) < messages && performance.now() < giveUpAt) {
      await pause(LOOK_EVERY_MS);
      results = await step(used, 'look');
    }
    const last = await step(used, 'stop');
    const count = countOf(last);
    if (count !== messages) throw new Error(`did ${whole(count)} of ${whole(messages)} messages`);
    const startedAt = Math.min(...last.map((result) => result.startedAt));
    const lastAt = Math.max(...last.map((result) => result.lastAt).filter((at) => !Number.isNaN(at)));
    return {
      rate: (count * 1000) / (lastAt - startedAt),
      cpuUs: results.reduce((sum, { cpuUs }) => sum + cpuUs, 0) / count,
      done: last.flatMap(({ done }) => done),
      failures: addFailures(failures, ...last.map((result) => result.failures)),
    };
  }
}

function step(processes: readonly WorkerProcess[], name: 'start' | 'look' | 'stop'): Promise<ConsumersResult[]> {
  return Promise.all(processes.map((process) => process.run('consumers', { step: name }, 4 * DRAIN_MS)));
}

function countOf(results: readonly ConsumersResult[]): number {
  return results.flatMap(({ done }) => done).reduce((sum, count) => sum + count, 0);
}

/** All contenders at once: those whose turn it is not do nothing. */
class Teams implements AsyncDisposable {
  readonly all: Team[] = [];
  private readonly started: AsyncDisposable[] = [];

  static async start(context: RowContext, processes: number): Promise<Teams> {
    const teams = new Teams();
    for (const contender of queueContenders(context).filter(({ members }) => members <= MEMBERS))
      await teams.add(context, contender, processes);
    return teams;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.started.map((one) => one[Symbol.asyncDispose]()));
  }

  private async add(context: RowContext, contender: QueueContender, count: number): Promise<void> {
    const { name, label } = contender;
    const running = await RunningQueue.start(context, contender);
    if (!running) return;
    this.started.push(running);
    const names = Array.from({ length: count }, () => name);
    const consumers = await context.startContenders('queue', names, running.group, label);
    this.started.push(consumers);
    if (consumers.processes.length === count) this.all.push(new Team(running.process, consumers.processes));
  }
}

function table(samples: readonly Sample[], steps: readonly number[]): Table {
  const names = namesOf(samples);
  const rate = (name: string, consumers: number) => median(of(samples, name, consumers).map((sample) => sample.rate));
  const failures = (name: string) =>
    addFailures(...samples.filter(({ contender }) => contender === name).map((sample) => sample.failures));
  return {
    title: `Consumers in up to ${PROCESSES_MAX} processes, ${CONCURRENCY} messages at once each: messages/s`,
    columns: ['', ...steps.flatMap((step) => [`${step}`, '× bullmq', 'CPU µs']), 'failed'],
    rows: names.map((name) => [
      name,
      ...steps.flatMap((consumers) => [
        whole(rate(name, consumers)),
        ratio(rate(name, consumers), rate('bullmq', consumers)),
        fixed(median(of(samples, name, consumers).map(({ cpuUs }) => cpuUs)), 1),
      ]),
      whole(countFailures(failures(name))),
    ]),
    notes: [
      'CPU: of all processes with consumers, per message.',
      ...names.flatMap((name) => failureNotes(name, failures(name))),
    ],
  };
}

function shares(samples: readonly Sample[], steps: readonly number[]): Table {
  const several = steps.filter((consumers) => consumers > 1);
  const middle = (name: string, consumers: number, valueOf: (done: readonly number[]) => number) =>
    median(of(samples, name, consumers).map(({ done }) => valueOf(done)));
  const fewest = (done: readonly number[]) => Math.min(...done);
  const most = (done: readonly number[]) => Math.max(...done);
  return {
    title: 'Consumers: messages of the one with the fewest and of the one with the most',
    columns: ['', ...several.flatMap((consumers) => [`${consumers}: fewest`, 'most', 'most/fewest'])],
    rows: namesOf(samples).map((name) => [
      name,
      ...several.flatMap((consumers) => [
        whole(middle(name, consumers, fewest)),
        whole(middle(name, consumers, most)),
        fixed(middle(name, consumers, (done) => most(done) / fewest(done))),
      ]),
    ]),
    notes: [],
  };
}

function chart(samples: readonly Sample[], steps: readonly number[]): Chart {
  return {
    title: 'process, by consumers',
    unit: 'messages/s',
    steps: steps.map(String),
    lines: namesOf(samples).map((name) => ({
      name,
      points: steps.map((consumers) => spreadOf(of(samples, name, consumers).map(({ rate }) => rate))),
    })),
  };
}

function namesOf(samples: readonly Sample[]): string[] {
  return [...new Set(samples.map(({ contender }) => contender))].sort();
}

function of(samples: readonly Sample[], name: string, consumers: number): Sample[] {
  return samples.filter((sample) => sample.contender === name && sample.consumers === consumers);
}
