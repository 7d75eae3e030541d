import { purposes } from '../contenders.js';
import { failureNotes, fixed, ratio } from '../report.js';
import { median, spreadOf } from '../statistics.js';
import { addFailures } from '../worker/failures.js';
import { operations, type Operation } from './operations.js';
import { type Place, Places, type PlaceSample } from './places.js';
import { queueContenders } from './queue-contenders.js';
import type { Chart, Row, Table } from './row.js';
import { GROUP_SIZE, type RowContext } from './row-context.js';

const CONCURRENCIES = [1, 16, 128];
const SLICE_SECONDS = 0.4;
const ROUNDS = 5;

/** What one operation costs in the client, on the wire and on a member. */
export const row: Row = {
  name: 'cost',
  async run(context) {
    await using places = await Places.start(context, placesOf(context));
    const concurrencies = context.concurrency(CONCURRENCIES);
    const samples = await places.measure(context, 'cost', concurrencies, {
      seconds: context.seconds(SLICE_SECONDS),
      rounds: context.rounds(ROUNDS),
    });
    const tables = purposes.flatMap((purpose) =>
      operations[purpose].map((operation) => table(samples, operation, concurrencies)),
    );
    const charts = purposes.flatMap((purpose) =>
      operations[purpose].map((operation) => chart(samples, operation, concurrencies)),
    );
    return {
      tables: tables.filter(({ rows }) => rows.length > 0),
      charts: charts.filter(({ lines }) => lines.length > 0),
      samples,
    };
  },
};

function placesOf(context: RowContext): Place[] {
  const onGroup = (['lock', 'store'] as const).flatMap((purpose) =>
    context.contenders(purpose).map((name) => ({ label: name, name, purpose, members: GROUP_SIZE })),
  );
  return [...onGroup, ...queueContenders(context).map((one) => ({ ...one, purpose: 'queue' as const }))];
}

function table(samples: readonly PlaceSample[], operation: Operation, concurrencies: readonly number[]): Table {
  const all = samples.filter((sample) => sample.operation === operation);
  const labels = [...new Set(all.map(({ label }) => label))];
  const middle = (label: string, concurrency: number, valueOf: (sample: PlaceSample) => number) =>
    median(all.filter((sample) => sample.label === label && sample.concurrency === concurrency).map(valueOf));
  return {
    title: `Cost of ${operation}, in the client and on each member`,
    columns: ['', 'at once', 'CPU µs', '× floor', 'scripts', 'commands', 'bytes in', 'bytes out', 'member CPU µs'],
    rows: labels.flatMap((label) =>
      concurrencies.map((concurrency) => {
        const of = (valueOf: (sample: PlaceSample) => number) => middle(label, concurrency, valueOf);
        const cpuUs = of((sample) => sample.cpuUs);
        return [
          label,
          String(concurrency),
          fixed(cpuUs, 1),
          ratio(
            cpuUs,
            middle('floor', concurrency, (sample) => sample.cpuUs),
          ),
          fixed(of(({ traffic }) => traffic.scripts)),
          fixed(of(({ traffic }) => traffic.commands)),
          fixed(
            of(({ traffic }) => traffic.bytesIn),
            0,
          ),
          fixed(
            of(({ traffic }) => traffic.bytesOut),
            0,
          ),
          fixed(
            of(({ traffic }) => traffic.cpuUs),
            1,
          ),
        ];
      }),
    ),
    notes: [
      'CPU: of the process of the contender; all else: of the member that had most to do; commands: with those that scripts call.',
      ...labels.flatMap((label) =>
        failureNotes(label, addFailures(...all.filter((one) => one.label === label).map((one) => one.failures))),
      ),
    ],
  };
}

function chart(samples: readonly PlaceSample[], operation: Operation, concurrencies: readonly number[]): Chart {
  const all = samples.filter((sample) => sample.operation === operation);
  return {
    title: `${operation}, by calls at once`,
    unit: 'CPU µs of the client for each',
    steps: concurrencies.map(String),
    lines: [...new Set(all.map(({ label }) => label))].map((label) => ({
      name: label,
      points: concurrencies.map((concurrency) =>
        spreadOf(
          all
            .filter((sample) => sample.label === label && sample.concurrency === concurrency)
            .map(({ cpuUs }) => cpuUs)
            .filter(Number.isFinite),
        ),
      ),
    })),
  };
}
