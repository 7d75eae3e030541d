import type { RowContext } from './row-context.js';

/** One thing that is measured, with all contenders in the same run. */
export interface Row {
  readonly name: string;
  run(context: RowContext): Promise<RowResult>;
}

export interface RowResult {
  readonly tables: readonly Table[];
  /** Every single measurement, for the JSON file. */
  readonly samples: unknown;
}

/** Columns are aligned to the right, but for the first. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Lines below it: how to read it, what failed. */
  readonly notes: readonly string[];
}
