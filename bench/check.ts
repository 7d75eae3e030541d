import type { Chart, RowResult, Table } from './figures.js';
import { failureNotes } from './report.js';
import type { FailureCounts } from './worker/failures.js';

/** What `--check` asks of each row: the least that gives figures. */
export const leastEffort = {
  seconds: 0.3,
  rounds: 1,
  concurrency: [4],
  sizes: [100, 200],
  count: 200,
  patienceMs: 1000,
};

/** Rows that are checked at the same time: most of them wait most of the time. */
export const CHECKED_AT_ONCE = 3;

/** Begun first, as they last longest. */
const longest = ['queue-loss', 'lock-loss'];

/** The row in which all contenders are checked; in others ours, the floor and one peer. */
const WITH_ALL = 'uncontended';
const few = ['ours', 'floor', 'redlock-4', 'gryadka', 'bullmq'];

/** The order in which rows are checked. */
export function longestFirst<T extends { readonly name: string }>(rows: readonly T[]): T[] {
  const isLong = ({ name }: T) => longest.includes(name);
  return [...rows.filter(isLong), ...rows.filter((row) => !isLong(row))];
}

export function contendersChecked(row: string, chosen: readonly string[]): readonly string[] {
  return row === WITH_ALL ? chosen : chosen.filter((name) => few.includes(name));
}

/**
 * What is wrong with the result of a row, whatever its figures say; nothing for a good one.
 *
 * @param mayFail whether calls that fail are part of what the row shows
 * @param problems what went wrong with whole contenders
 */
export function complaintsAbout(result: RowResult, mayFail: boolean, problems: readonly string[]): string[] {
  const { tables, charts = [], samples } = result;
  return [
    ...problems,
    ...(tables.length === 0 ? ['it has no table'] : []),
    ...tables.flatMap(complaintsAboutTable),
    ...charts.flatMap(complaintsAboutChart),
    ...(mayFail ? [] : failuresIn(samples).flatMap((failures) => failureNotes('a contender', failures))),
  ];
}

function complaintsAboutTable({ title, columns, rows }: Table): string[] {
  if (rows.length === 0) return [`"${title}" is empty`];
  return rows.flatMap((row) => {
    const [label = ''] = row;
    if (row.length !== columns.length) return [`"${title}" has ${row.length} of ${columns.length} cells for ${label}`];
    return row.slice(1).some((cell) => /\d/.test(cell)) ? [] : [`"${title}" has no figure for ${label}`];
  });
}

function complaintsAboutChart({ title, steps, lines }: Chart): string[] {
  if (lines.length === 0) return [`the chart "${title}" is empty`];
  return lines.flatMap(({ name, points }) => {
    if (points.length !== steps.length)
      return [`the chart "${title}" has ${points.length} of ${steps.length} points for ${name}`];
    return points.some((point) => Number.isFinite(point?.median))
      ? []
      : [`the chart "${title}" has no figure for ${name}`];
  });
}

/** All that is called `failures`, however deep. */
function failuresIn(samples: unknown): FailureCounts[] {
  if (typeof samples !== 'object' || samples === null) return [];
  return Object.entries(samples).flatMap(([name, value]) =>
    name === 'failures' ? [value as FailureCounts] : failuresIn(value),
  );
}
