import { setTimeout as pause } from 'node:timers/promises';
import { failureNotes, fixed, ratio, whole } from '../report.js';
import { exactly, mean } from '../statistics.js';
import { DRAIN_MS } from '../worker/come-back.js';
import { countFailures } from '../worker/failures.js';
import type { WorkResult } from '../worker/queue-work.js';
import { queueContenders, RunningQueue, type QueueContender } from './queue-contenders.js';
import type { Chart, Row, Table } from './row.js';
import type { LocalGroup, RowContext } from './row-context.js';

const BODY_BYTES = 100;
const QUEUE = 'fault';
const CONCURRENCY = 64;
/** Of the whole run, in which the member is down from the first to the last quarter. */
const SECONDS = 40;
/** The member that is hit: any but the first. */
const VICTIM = 1;
const MIB = 1024 * 1024;

/** The members that stay, at one moment. */
interface Moment {
  readonly second: number;
  /** Tombstones and messages that wait, highest of the members. */
  readonly tombstones: number;
  readonly live: number;
  /** Highest of the members, MiB. */
  readonly memory: number;
}

interface Sample extends WorkResult {
  readonly contender: string;
  readonly moments: readonly Moment[];
}

/** Producers and a consumer work on while one member is killed and comes back empty: rates, tombstones, memory. */
export const row: Row = {
  name: 'queue-fault',
  mayFail: true,
  async run(context) {
    const samples: Sample[] = [];
    for (const contender of queueContenders(context).filter(({ members }) => members > 1)) {
      const sample = await runContender(context, contender);
      if (sample) samples.push(sample);
    }
    return { tables: [table(context, samples), course(samples)], charts: [chart(samples)], samples };
  },
};

/** When the member goes and comes back, s. */
function timesOf(context: RowContext): { readonly seconds: number; readonly downAt: number; readonly upAt: number } {
  const seconds = Math.max(4, Math.ceil(context.seconds(SECONDS)));
  return { seconds, downAt: Math.floor(seconds / 4), upAt: Math.floor((seconds * 3) / 4) };
}

async function runContender(context: RowContext, contender: QueueContender): Promise<Sample | undefined> {
  await using running = await RunningQueue.start(context, contender);
  const victim = running?.group.members[VICTIM];
  if (!running || !victim) return undefined;
  context.progress(`queue-fault: ${contender.label}`);
  const { seconds, downAt, upAt } = timesOf(context);
  const moments: Moment[] = [];
  let isOver = false;
  let watching: Promise<void> | undefined;
  const watch = async (): Promise<void> => {
    const startedAt = performance.now();
    for (let second = 1; !isOver; second++) {
      await pause(Math.max(0, startedAt + second * 1000 - performance.now()));
      if (second === downAt) await victim.kill();
      if (second === upAt) await victim.start();
      moments.push({ second, ...(await look(running.group)) });
    }
  };
  const load = { queue: QUEUE, bodyBytes: BODY_BYTES, concurrency: CONCURRENCY, seconds, drainMs: DRAIN_MS };
  const result = await context.attempt(contender.label, 'was stopped', () =>
    running.process.run('work', load, seconds * 1000 + 4 * DRAIN_MS, () => {
      watching = watch();
    }),
  );
  isOver = true;
  await watching;
  return result && { contender: contender.label, moments, ...result };
}

async function look(group: LocalGroup): Promise<Omit<Moment, 'second'>> {
  const looks = await Promise.all(
    group.members
      .filter((_, index) => index !== VICTIM)
      .map(async (member) => {
        const keyOf = async (kind: string): Promise<string> => {
          const [key = ''] = (await member.command('KEYS', `*:queue-${kind}:*`)) as string[];
          return key;
        };
        const seen = Number(await member.command('ZCARD', await keyOf('seen')));
        const live = Number(await member.command('HLEN', await keyOf('records')));
        const info = String(await member.command('INFO', 'memory'));
        return { tombstones: seen - live, live, memory: Number(/^used_memory:(\d+)/m.exec(info)?.[1]) / MIB };
      }),
  );
  const highest = (key: keyof (typeof looks)[number]) => Math.max(...looks.map((one) => one[key]));
  return { tombstones: highest('tombstones'), live: highest('live'), memory: highest('memory') };
}

function table(context: RowContext, samples: readonly Sample[]): Table {
  const { seconds, downAt, upAt } = timesOf(context);
  const rate = ({ perSecond }: Sample, from: number, to: number) => mean(perSecond.slice(from, to));
  const highest = ({ moments }: Sample, key: 'tombstones' | 'memory', from: number, to: number) =>
    Math.max(...moments.filter(({ second }) => second > from && second <= to).map((moment) => moment[key]));
  return {
    title: `Queue under load for ${seconds} s, one member down from second ${downAt} to ${upAt}, back empty: messages/s`,
    columns: [
      '',
      'before',
      'down',
      'ratio',
      'worst s',
      'after',
      'tombstones, first half',
      'second half',
      'MiB, first half',
      'second half',
      'RSS MiB',
      'lost',
      'twice',
      'failed',
    ],
    rows: samples.map((sample) => [
      sample.contender,
      whole(rate(sample, 0, downAt)),
      whole(rate(sample, downAt, upAt)),
      ratio(rate(sample, downAt, upAt), rate(sample, 0, downAt)),
      ratio(Math.min(...sample.perSecond.slice(downAt)), rate(sample, 0, downAt)),
      whole(rate(sample, upAt, seconds)),
      whole(highest(sample, 'tombstones', 0, seconds / 2)),
      whole(highest(sample, 'tombstones', seconds / 2, seconds)),
      fixed(highest(sample, 'memory', 0, seconds / 2), 1),
      fixed(highest(sample, 'memory', seconds / 2, seconds), 1),
      fixed(sample.rssPeak, 0),
      whole(sample.lost),
      whole(sample.twice),
      whole(countFailures(sample.failures)),
    ]),
    notes: [
      'tombstones, MiB: the highest that a member which stayed had in that half; RSS: of the process of all producers and the consumer.',
      ...samples.flatMap(({ contender, failures }) => failureNotes(contender, failures)),
    ],
  };
}

function course(samples: readonly Sample[]): Table {
  const seconds = Math.max(0, ...samples.map(({ perSecond }) => perSecond.length));
  const shown = Array.from({ length: seconds }, (_, second) => second + 1).filter(
    (second) => second % Math.ceil(seconds / 12) === 0,
  );
  const line = (label: string, valueAt: (second: number) => number) => [
    label,
    ...shown.map((second) => whole(valueAt(second))),
  ];
  return {
    title: 'Queue under load: its course',
    columns: ['second', ...shown.map(String)],
    rows: samples.flatMap(({ contender, perSecond, moments }) => [
      line(`${contender}: messages/s`, (second) => perSecond[second - 1] ?? NaN),
      line('tombstones', (second) => moments.find((moment) => moment.second === second)?.tombstones ?? NaN),
    ]),
    notes: [],
  };
}

function chart(samples: readonly Sample[]): Chart {
  const seconds = Math.max(0, ...samples.map(({ perSecond }) => perSecond.length));
  return {
    title: 'Queue under load, one member down in the middle',
    unit: 'messages/s, by seconds',
    steps: Array.from({ length: seconds }, (_, second) => `${second + 1}`),
    lines: samples.map(({ contender, perSecond }) => ({ name: contender, points: perSecond.map(exactly) })),
  };
}
