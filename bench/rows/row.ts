import type { RowResult } from '../figures.js';
import type { RowContext } from './row-context.js';

export type { Chart, RowResult, Table } from '../figures.js';

/** One thing that is measured, with all contenders in the same run. */
export interface Row {
  readonly name: string;
  /** Whether calls that fail are part of what it shows. */
  readonly mayFail?: boolean;
  run(context: RowContext): Promise<RowResult>;
}
