import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaultEntry, FaultLog } from './fault-log.js';

/** One call of a client. */
export interface SoakCall {
  /** ms of the machine's monotonic clock in which it was over, or called when nobody knows of its end. */
  readonly at: number;
  readonly outcome: 'done' | 'refused' | 'unknown';
}

/** What `npm run test:soak` tells of one workload; times in ms from the first call or fault on. */
export interface SoakReport {
  readonly workload: string;
  /** ms. */
  readonly lasted: number;
  readonly calls: Readonly<Record<SoakCall['outcome'], number>>;
  readonly faults: readonly FaultEntry[];
  /** Promises that were broken. */
  readonly anomalies: readonly string[];
  /** Share of the calls that were done. */
  readonly availability: number;
  /** The longest time without a call that was done. */
  readonly longestGap: number;
  /** The longest time from the end of faults to all members voting. */
  readonly slowestRecovery: number;
  /** Calls of each second. */
  readonly perSecond: { readonly done: readonly number[]; readonly failed: readonly number[] };
}

const second = 1000;

/** @param anomalies what a checker says of the run's history */
export function makeReport(
  workload: string,
  log: Pick<FaultLog, 'entries' | 'recoveries'>,
  calls: readonly SoakCall[],
  anomalies: readonly string[],
): SoakReport {
  const moments = [...calls, ...log.entries].map(({ at }) => at).sort((a, b) => a - b);
  const start = moments[0] ?? 0;
  const lasted = (moments.at(-1) ?? 0) - start;
  const seconds = Math.floor(lasted / second) + 1;
  const perSecond = { done: Array<number>(seconds).fill(0), failed: Array<number>(seconds).fill(0) };
  const counts = { done: 0, refused: 0, unknown: 0 };
  for (const { at, outcome } of calls) {
    counts[outcome] += 1;
    perSecond[outcome === 'done' ? 'done' : 'failed'][Math.floor((at - start) / second)]! += 1;
  }
  const successes = calls.filter(({ outcome }) => outcome === 'done').map(({ at }) => at);
  return {
    workload,
    lasted,
    calls: counts,
    faults: log.entries.map((entry) => ({ ...entry, at: entry.at - start })),
    anomalies,
    availability: calls.length === 0 ? 0 : counts.done / calls.length,
    longestGap: longestGap(successes, start, start + lasted),
    slowestRecovery: Math.max(0, ...log.recoveries),
    perSecond,
  };
}

function longestGap(moments: readonly number[], start: number, end: number): number {
  const sorted = [start, ...moments.toSorted((a, b) => a - b), end];
  let longest = 0;
  for (let i = 1; i < sorted.length; i++) longest = Math.max(longest, sorted[i]! - sorted[i - 1]!);
  return longest;
}

/** Keeps a report where `npm run test:soak` makes its page of; in a short run nothing is kept. */
export async function keepReport(report: SoakReport): Promise<void> {
  const folder = process.env['SOAK_REPORTS'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${report.workload}.json`), JSON.stringify(report));
}
