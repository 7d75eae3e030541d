import { parseArgs } from 'node:util';
import { contenderNames } from './contenders.js';

export interface BenchOptions {
  readonly rows: readonly string[];
  readonly contenders: readonly string[];
  readonly seconds?: number;
  readonly rounds?: number;
  readonly concurrency?: readonly number[];
  readonly sizes?: readonly number[];
  readonly count?: number;
  readonly json: string;
  /** The JSON file of an earlier run, to make its page and measure nothing. */
  readonly plot?: string;
  /** Whether to run each row with the least effort and look only at the shape of what it gives. */
  readonly check: boolean;
  readonly help: boolean;
}

/**
 * @param rowNames all there are
 * @param jsonDefault file for the raw samples when `--json` names none
 * @throws Error naming what was not understood
 */
export function parseOptions(argv: readonly string[], rowNames: readonly string[], jsonDefault: string): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      row: { type: 'string', multiple: true },
      only: { type: 'string', multiple: true },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      concurrency: { type: 'string' },
      sizes: { type: 'string' },
      count: { type: 'string' },
      json: { type: 'string' },
      plot: { type: 'string' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    rows: choose('row', values.row, rowNames),
    contenders: choose('only', values.only, contenderNames),
    seconds: positive('seconds', values.seconds),
    rounds: positive('rounds', values.rounds),
    concurrency: wholeNumbers('concurrency', values.concurrency, 1000),
    sizes: wholeNumbers('sizes', values.sizes, 10_000_000),
    count: wholeNumbers('count', values.count, 1_000_000)?.[0],
    json: values.json ?? jsonDefault,
    plot: values.plot,
    check: values.check,
    help: values.help,
  };
}

export function usage(rowNames: readonly string[]): string {
  return `npm run bench -- [options]
  --row NAME,…      rows to run (${rowNames.join(', ')}); default all
  --only NAME,…     contenders (${contenderNames.join(', ')}); default all
  --seconds N       length of a slice (uncontended, kv, …-keys, cost, members, concurrency), of a load (contended, kv-contended, lock-loss, queue-fault, queue-loss), or after the fault
  --rounds N        slices per contender, operation and step (rows whose contenders take turns)
  --concurrency N,… workers at once (uncontended, kv: 1,16,128; queue: 1,16,64,256; cost, concurrency), or consumers (consumers: 1,4,16,64), each at most 1000
  --sizes N,…       messages that wait (queue-backlog) or keys (kv-keys, lock-keys); default 1000,10000,100000,1000000
  --count N         messages of a slice (queue, consumers, queue-backlog), or locks, keys and messages (memory)
  --json FILE       where raw samples go, relative to bench/; default .build/results.json; report.html beside it shows them
  --plot FILE       makes report.html beside the samples of an earlier run, and measures nothing
  --check           each row with the least effort, a few minutes: exit code 1 when one gives no figures or a contender fails`;
}

/** Comma-separated or repeated names, in the order of the list they are from. */
function choose(option: string, given: readonly string[] | undefined, all: readonly string[]): readonly string[] {
  if (!given) return all;
  const names = given.flatMap((text) => text.split(','));
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Error(`--${option} knows ${all.join(', ')}, got "${unknown}"`);
  return all.filter((name) => names.includes(name));
}

function positive(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given);
  if (!(value > 0)) throw new Error(`--${option} must be a number above 0, got "${given}"`);
  return value;
}

function wholeNumbers(option: string, given: string | undefined, most: number): readonly number[] | undefined {
  return given?.split(',').map((text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw new Error(`--${option} must be whole numbers from 1 to ${most}, got "${text}"`);
  });
}
