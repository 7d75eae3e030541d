import { isPeer } from '../contenders.js';
import { failureNotes, fixed, ratio, whole } from '../report.js';
import { median, spreadOf } from '../statistics.js';
import { addFailures, countFailures } from '../worker/failures.js';
import { DRAIN_MS } from '../worker/come-back.js';
import type { SliceResult } from '../worker/slice.js';
import type { Row, Table } from './row.js';
import { GROUP_SIZE } from './row-context.js';
import { type Slice, takeTurns } from './turns.js';

const CONCURRENCIES = [1, 16, 128];
const SLICE_SECONDS = 0.4;
const ROUNDS = 20;

/** Acquire and release on free keys. */
export const row: Row = {
  name: 'uncontended',
  async run(context) {
    await using group = await context.startGroup();
    await using contenders = await context.startContenders('lock', context.contenders('lock'), group);
    const tasks = context.concurrency(CONCURRENCIES).map((concurrency) => ({ concurrency }));
    const slices = await takeTurns(context, contenders.processes, {
      title: 'uncontended',
      tasks,
      seconds: context.seconds(SLICE_SECONDS),
      rounds: context.rounds(ROUNDS),
      run: (contender, { concurrency }, _round, seconds) =>
        contender.run('uncontended', { concurrency, seconds }, seconds * 1000 + 2 * DRAIN_MS),
    });
    const names = contenders.processes.map(({ name }) => name);
    const chart = {
      title: 'acquire+release, by calls at once',
      unit: 'cycles/s',
      steps: tasks.map(({ concurrency }) => String(concurrency)),
      lines: names.map((name) => ({
        name,
        points: tasks.map(({ concurrency }) =>
          spreadOf(
            slices
              .filter((slice) => slice.contender === name && slice.concurrency === concurrency)
              .map(({ rate }) => rate),
          ),
        ),
      })),
    };
    const tables = tasks.map(({ concurrency }) => table(slices, names, concurrency));
    return { tables, charts: [chart], samples: slices };
  },
};

function table(
  slices: readonly Slice<{ readonly concurrency: number }, SliceResult>[],
  names: readonly string[],
  concurrency: number,
): Table {
  const of = (name: string) => slices.filter((slice) => slice.contender === name && slice.concurrency === concurrency);
  const rate = (name: string) => median(of(name).map((slice) => slice.rate));
  const bestPeer = Math.max(...names.filter(isPeer).map(rate));
  const failures = (name: string) => addFailures(...of(name).map((slice) => slice.failures));
  return {
    title: `Uncontended, ${GROUP_SIZE} members, concurrency ${concurrency}: acquire+release cycles`,
    columns: [
      '',
      'cycles/s',
      'lowest',
      'highest',
      '× floor',
      '× best peer',
      'p50 ms',
      'p99 ms',
      'CPU µs/cycle',
      'failed',
    ],
    rows: names.map((name) => [
      name,
      whole(rate(name)),
      whole(Math.min(...of(name).map((slice) => slice.rate))),
      whole(Math.max(...of(name).map((slice) => slice.rate))),
      ratio(rate(name), rate('floor')),
      ratio(rate(name), bestPeer),
      fixed(median(of(name).map((slice) => slice.p50Ms))),
      fixed(median(of(name).map((slice) => slice.p99Ms))),
      fixed(median(of(name).map((slice) => slice.cpuUs)), 1),
      whole(countFailures(failures(name)) + of(name).reduce((sum, slice) => sum + slice.stuck, 0)),
    ]),
    notes: names.flatMap((name) => failureNotes(name, failures(name))),
  };
}
