import { setTimeout as pause } from 'node:timers/promises';
import type { Purpose } from '../contenders.js';
import { failureNotes, fixed, ratio, whole } from '../report.js';
import { exactly } from '../statistics.js';
import { countFailures } from '../worker/failures.js';
import type { FaultResult } from '../worker/fault-load.js';
import { DRAIN_MS } from '../worker/come-back.js';
import { queueContenders } from './queue-contenders.js';
import type { Chart, Row, Table } from './row.js';
import { GROUP_SIZE, type LocalGroup, type RowContext } from './row-context.js';

const CONCURRENCY = 16;
const WARM_SECONDS = 1;
const HEALTHY_SECONDS = 5;
const FAULTED_SECONDS = 10;
/** ms for which a member that restarts is down. */
const DOWN_MS = 1000;
/** The member that is hit: any but the first, which some libraries might prefer. */
const VICTIM = 2;

type Member = LocalGroup['members'][number];

/** What happens to the member. */
const faults = {
  'left alone': () => undefined,
  /** SIGSTOP: its sockets stay open and nothing answers. */
  frozen: (member: Member) => member.freeze(),
  /** SIGKILL: its sockets close and connections are refused. */
  killed: (member: Member) => member.kill(),
  /** Killed, and back without any data. */
  restarting: async (member: Member) => {
    await member.kill();
    await pause(DOWN_MS);
    await member.start();
  },
} as const;

type Fault = keyof typeof faults;

const cycles = { lock: 'acquire+release', store: 'set+get', queue: 'put to handler' } as const;

interface Contender {
  readonly label: string;
  readonly name: string;
  readonly members: number;
}

interface Sample extends FaultResult {
  readonly contender: string;
}

/**
 * A row in which one member is hit in the middle of an uncontended load. Each contender has servers of its own, so
 * that nobody finds what another one left in a frozen member.
 */
export function memberFaultRow(name: string, purpose: Purpose, fault: Fault): Row {
  return {
    name,
    mayFail: true,
    async run(context) {
      const samples: Sample[] = [];
      for (const contender of contendersOf(context, purpose)) {
        context.progress(`${name}: ${contender.label}`);
        const result = await runContender(context, purpose, contender, faults[fault]);
        if (result) samples.push({ contender: contender.label, ...result });
      }
      return {
        tables: [throughput(samples, purpose, fault), perSecond(samples, purpose, fault)],
        charts: [chart(samples, purpose, fault)],
        samples,
      };
    },
  };
}

function contendersOf(context: RowContext, purpose: Purpose): readonly Contender[] {
  // with its only server down nobody does anything
  if (purpose === 'queue') return queueContenders(context).filter(({ members }) => members > 1);
  return context.contenders(purpose).map((name) => ({ label: name, name, members: GROUP_SIZE }));
}

async function runContender(
  context: RowContext,
  purpose: Purpose,
  { name, label, members }: Contender,
  hit: (member: Member) => unknown,
): Promise<FaultResult | undefined> {
  await using group = await context.startGroup(members);
  await using contender = await context.startContender(purpose, name, group, label);
  const victim = group.members[VICTIM];
  if (!contender || !victim) return undefined;
  // whole seconds: each is compared
  const faultedSeconds = Math.ceil(context.seconds(FAULTED_SECONDS));
  const healthySeconds = Math.min(HEALTHY_SECONDS, Math.ceil(faultedSeconds / 2));
  const load = { purpose, concurrency: CONCURRENCY, warmSeconds: WARM_SECONDS, healthySeconds, faultedSeconds };
  const bound = (WARM_SECONDS + healthySeconds + faultedSeconds) * 1000 + 2 * DRAIN_MS;
  let hitting: unknown;
  const result = await context.attempt(label, 'was stopped', () =>
    contender.run('fault', load, bound, () => {
      hitting = hit(victim);
    }),
  );
  await hitting;
  return result;
}

function throughput(samples: readonly Sample[], purpose: Purpose, was: Fault): Table {
  return {
    title: `One member ${was}, ${CONCURRENCY} workers: cycles/s (${cycles[purpose]}) before and after`,
    columns: [
      '',
      'healthy',
      was,
      'ratio',
      'first s',
      'worst s',
      'p99 ms',
      `p99 ${was}`,
      'ratio',
      'longest ms',
      'RSS + MiB',
      'heap + MiB',
      'stuck',
      'failed',
    ],
    rows: samples.map(({ contender, healthy, faulted, heapBefore, heapAfter, stuck }) => [
      contender,
      whole(healthy.rate),
      whole(faulted.rate),
      ratio(faulted.rate, healthy.rate),
      ratio(faulted.perSecond[0] ?? NaN, healthy.rate),
      ratio(Math.min(...faulted.perSecond), healthy.rate),
      fixed(healthy.p99Ms),
      fixed(faulted.p99Ms),
      ratio(faulted.p99Ms, healthy.p99Ms),
      fixed(faulted.maxMs, 0),
      fixed(faulted.rssPeak - healthy.rssPeak, 1),
      fixed(heapAfter - heapBefore, 1),
      whole(stuck),
      whole(countFailures(healthy.failures) + countFailures(faulted.failures)),
    ]),
    notes: [
      `stuck: of the ${CONCURRENCY} workers, those whose call had not come back ${DRAIN_MS / 1000} s after the end.`,
      'p99 and longest are of cycles that ended; RSS: highest after less highest before; heap: in use after a collection.',
      ...samples.flatMap(({ contender, healthy, faulted }) => [
        ...failureNotes(`${contender} (healthy)`, healthy.failures),
        ...failureNotes(`${contender} (${was})`, faulted.failures),
      ]),
    ],
  };
}

function perSecond(samples: readonly Sample[], purpose: Purpose, was: Fault): Table {
  const seconds = Math.max(0, ...samples.map(({ faulted }) => faulted.perSecond.length));
  return {
    title: `One member ${was}: cycles (${cycles[purpose]}) in each second from then on`,
    columns: ['', ...Array.from({ length: seconds }, (_, second) => `${second + 1}`)],
    rows: samples.map(({ contender, faulted }) => [contender, ...faulted.perSecond.map(whole)]),
    notes: [],
  };
}

/** The healthy rate, then each second after the fault. */
function chart(samples: readonly Sample[], purpose: Purpose, was: Fault): Chart {
  const seconds = Math.max(0, ...samples.map(({ faulted }) => faulted.perSecond.length));
  return {
    title: `${cycles[purpose]}, one member ${was}`,
    unit: 'cycles/s, by seconds since then',
    steps: ['healthy', ...Array.from({ length: seconds }, (_, second) => `${second + 1}`)],
    lines: samples.map(({ contender, healthy, faulted }) => ({
      name: contender,
      points: [healthy.rate, ...faulted.perSecond].map(exactly),
    })),
  };
}
