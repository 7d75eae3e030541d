/** What a row gives. */
export interface RowResult {
  readonly tables: readonly Table[];
  /** For the page; none: the page shows the tables alone. */
  readonly charts?: readonly Chart[];
  /** Every single measurement, for the JSON file. What failed in it is in properties called `failures`. */
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

/** Measured values over steps that stand equally far apart, or in bars for each step. */
export interface Chart {
  readonly title: string;
  readonly unit: string;
  /** Default: lines. */
  readonly as?: 'lines' | 'bars';
  readonly steps: readonly string[];
  readonly lines: readonly ChartLine[];
}

export interface ChartLine {
  readonly name: string;
  /** One for each step; null where it was not measured. */
  readonly points: readonly (Spread | null)[];
}

/** What the rounds gave. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}
