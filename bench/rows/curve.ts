import { purposes } from '../contenders.js';
import { failureNotes, fixed, ratio, whole } from '../report.js';
import { median, spreadOf } from '../statistics.js';
import { addFailures } from '../worker/failures.js';
import { operations, type Operation } from './operations.js';
import { type Place, Places, type PlaceSample } from './places.js';
import type { Chart, Row, Table } from './row.js';
import type { RowContext } from './row-context.js';

const SLICE_SECONDS = 0.4;
const ROUNDS = 5;

interface CurveRow {
  readonly name: string;
  /** What grows. */
  readonly title: string;
  concurrencies(context: RowContext): readonly number[];
  places(context: RowContext): readonly Place[];
  /** The curve that a sample belongs to. */
  curves(sample: PlaceSample): string;
  /** Where on it. */
  at(sample: PlaceSample): number;
}

/** A row that shows how rate and CPU of each operation go as one thing grows. */
export function curveRow({ name, title, concurrencies, places, curves, at }: CurveRow): Row {
  return {
    name,
    async run(context) {
      await using started = await Places.start(context, places(context));
      const samples = await started.measure(context, name, concurrencies(context), {
        seconds: context.seconds(SLICE_SECONDS),
        rounds: context.rounds(ROUNDS),
      });
      const measured = purposes
        .flatMap((purpose): readonly Operation[] => operations[purpose])
        .filter((operation) => samples.some((sample) => sample.operation === operation))
        .map((operation) => new Curves(title, operation, samples, curves, at));
      return {
        tables: measured.map((one) => one.table()),
        charts: measured.map((one) => one.chart()),
        samples,
      };
    },
  };
}

/** The curves of one operation. */
class Curves {
  private readonly steps: readonly number[];
  private readonly names: readonly string[];

  constructor(
    private readonly title: string,
    private readonly operation: Operation,
    samples: readonly PlaceSample[],
    private readonly curves: CurveRow['curves'],
    private readonly at: CurveRow['at'],
  ) {
    this.all = samples.filter((sample) => sample.operation === operation);
    this.steps = [...new Set(this.all.map(at))].sort((a, b) => a - b);
    this.names = [...new Set(this.all.map(curves))];
  }

  private readonly all: readonly PlaceSample[];

  table(): Table {
    const first = this.steps[0] ?? NaN;
    return {
      title: `${this.operation}: operations/s and CPU µs of the client, by ${this.title}`,
      columns: ['', ...this.steps.flatMap((step) => [`${step}: ops/s`, '× first', 'CPU µs'])],
      rows: this.names.map((name) => [
        name,
        ...this.steps.flatMap((step) => [
          whole(median(this.rates(name, step))),
          ratio(median(this.rates(name, step)), median(this.rates(name, first))),
          fixed(median(this.of(name, step).map(({ cpuUs }) => cpuUs)), 1),
        ]),
      ]),
      notes: this.names.flatMap((name) =>
        failureNotes(
          name,
          addFailures(...this.all.filter((one) => this.curves(one) === name).map(({ failures }) => failures)),
        ),
      ),
    };
  }

  chart(): Chart {
    return {
      title: `${this.operation}, by ${this.title}`,
      unit: 'operations/s',
      steps: this.steps.map(String),
      lines: this.names.map((name) => ({
        name,
        points: this.steps.map((step) => spreadOf(this.rates(name, step))),
      })),
    };
  }

  private of(name: string, step: number): PlaceSample[] {
    return this.all.filter((sample) => this.curves(sample) === name && this.at(sample) === step);
  }

  private rates(name: string, step: number): number[] {
    return this.of(name, step).map(({ rate }) => rate);
  }
}
