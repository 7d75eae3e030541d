import { failureNotes, fixed, ratio, whole } from '../report.js';
import { countFailures } from '../worker/failures.js';
import type { FaultResult } from '../worker/fault-load.js';
import { DRAIN_MS } from '../worker/come-back.js';
import type { Row, Table } from './row.js';
import { GROUP_SIZE, type LocalGroup, type RowContext } from './row-context.js';

const CONCURRENCY = 16;
const WARM_SECONDS = 1;
const HEALTHY_SECONDS = 5;
const FAULTED_SECONDS = 10;
/** The member that is hit: any but the first, which some libraries might prefer. */
const VICTIM = 2;

type Member = LocalGroup['members'][number];

interface Sample extends FaultResult {
  readonly contender: string;
}

/**
 * A row in which one member is hit in the middle of an uncontended load. Each contender has servers of its own, so
 * that nobody finds what another one left in a frozen member.
 *
 * @param was for the title, for example `frozen`
 * @param hit what happens to the member
 */
export function memberFaultRow(name: string, was: string, hit: (member: Member) => unknown): Row {
  return {
    name,
    async run(context) {
      const samples: Sample[] = [];
      for (const contender of context.contenders('lock')) {
        context.progress(`${name}: ${contender}`);
        const result = await runContender(context, contender, hit);
        if (result) samples.push({ contender, ...result });
      }
      return { tables: [throughput(samples, was), perSecond(samples, was)], samples };
    },
  };
}

async function runContender(
  context: RowContext,
  name: string,
  hit: (member: Member) => unknown,
): Promise<FaultResult | undefined> {
  await using group = await context.startGroup();
  await using contender = await context.startContender('lock', name, group);
  const victim = group.members[VICTIM];
  if (!contender || !victim) return undefined;
  // whole seconds: each is compared
  const faultedSeconds = Math.ceil(context.seconds(FAULTED_SECONDS));
  const healthySeconds = Math.min(HEALTHY_SECONDS, Math.ceil(faultedSeconds / 2));
  const load = { concurrency: CONCURRENCY, warmSeconds: WARM_SECONDS, healthySeconds, faultedSeconds };
  const bound = (WARM_SECONDS + healthySeconds + faultedSeconds) * 1000 + 2 * DRAIN_MS;
  let hitting: unknown;
  const result = await context.attempt(name, 'was stopped', () =>
    contender.run('fault', load, bound, () => {
      hitting = hit(victim);
    }),
  );
  await hitting;
  return result;
}

function throughput(samples: readonly Sample[], was: string): Table {
  return {
    title: `One of ${GROUP_SIZE} ${was}, ${CONCURRENCY} workers: cycles/s before and after`,
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

function perSecond(samples: readonly Sample[], was: string): Table {
  const seconds = Math.max(0, ...samples.map(({ faulted }) => faulted.perSecond.length));
  return {
    title: `One of ${GROUP_SIZE} ${was}: cycles in each second from then on`,
    columns: ['', ...Array.from({ length: seconds }, (_, second) => `${second + 1}`)],
    rows: samples.map(({ contender, faulted }) => [contender, ...faulted.perSecond.map(whole)]),
    notes: [],
  };
}
