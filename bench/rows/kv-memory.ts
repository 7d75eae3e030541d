import { failureNotes, fixed, whole } from '../report.js';
import { addFailures, type FailureCounts } from '../worker/failures.js';
import { FILL_MS } from '../worker/store-load.js';
import type { Row, Table } from './row.js';
import type { RowContext } from './row-context.js';
import { usedMemory } from './used-memory.js';

const SIZE = 3;
const KEYS = 20_000;
const VALUE_BYTES = 100;
/** Sets of each key after the first one. */
const REPEATS = 4;

interface Sample {
  readonly contender: string;
  /** Bytes per key on a member. */
  readonly first: number;
  readonly repeated: number;
  readonly failures: FailureCounts;
}

/** What a key costs in a member's memory, after its first set and after further ones. */
export const row: Row = {
  name: 'kv-memory',
  async run(context) {
    const samples: Sample[] = [];
    for (const name of context.contenders('store')) {
      context.progress(`kv-memory: ${name}`);
      const sample = await context.attempt(name, 'was stopped', () => runContender(context, name));
      if (sample) samples.push(sample);
    }
    return { tables: [table(samples)], samples };
  },
};

async function runContender(context: RowContext, name: string): Promise<Sample | undefined> {
  // servers of its own: what another one left there is not its cost
  await using group = await context.startGroup(SIZE);
  await using contender = await context.startContender('store', name, group);
  if (!contender) return undefined;
  const load = { keys: KEYS, valueBytes: VALUE_BYTES };
  const before = await usedMemory(group);
  const failures = [await contender.run('fill', load, FILL_MS)];
  const first = ((await usedMemory(group)) - before) / KEYS;
  for (let repeat = 0; repeat < REPEATS; repeat++) failures.push(await contender.run('fill', load, FILL_MS));
  const repeated = ((await usedMemory(group)) - before) / KEYS;
  return { contender: name, first, repeated, failures: addFailures(...failures) };
}

function table(samples: readonly Sample[]): Table {
  const floor = samples.find(({ contender }) => contender === 'floor');
  const compared = (bytes: number, base: number | undefined) => [whole(bytes), fixed(bytes / (base ?? NaN))];
  return {
    title: `Memory per key on a member, ${SIZE} members, ${whole(KEYS)} keys, values of ${VALUE_BYTES} bytes`,
    columns: ['', 'first set, bytes', '× floor', `after ${REPEATS + 1} sets, bytes`, '× floor'],
    rows: samples.map(({ contender, first, repeated }) => [
      contender,
      ...compared(first, floor?.first),
      ...compared(repeated, floor?.repeated),
    ]),
    notes: samples.flatMap(({ contender, failures }) => failureNotes(contender, failures)),
  };
}
