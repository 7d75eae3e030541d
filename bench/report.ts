import type { Table } from './figures.js';
import type { FailureCounts } from './worker/failures.js';

const NONE = '–';

/** A number to the unit, with thousands apart. */
export function whole(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : NONE;
}

export function fixed(value: number, digits = 2): string {
  return Number.isFinite(value) ? value.toFixed(digits) : NONE;
}

/** How many times `base` it is; a dash where there is nothing to compare with. */
export function ratio(value: number, base: number): string {
  return fixed(base > 0 && Number.isFinite(base) ? value / base : NaN);
}

/** One line for each way in which a contender failed. */
export function failureNotes(name: string, failures: FailureCounts): string[] {
  return Object.entries(failures).map(([message, count]) => `${name} failed ${whole(count)}×: ${message}`);
}

/** The table as aligned text. */
export function formatTable({ title, columns, rows, notes }: Table): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const format = (line: readonly string[]) =>
    widths
      .map((width, column) =>
        column === 0 ? (line[column] ?? '').padEnd(width) : (line[column] ?? '').padStart(width),
      )
      .join('  ')
      .trimEnd();
  return [title, format(columns), ...rows.map(format), ...notes.map((note) => `  ${note}`)].join('\n');
}
