import { setTimeout as pause } from 'node:timers/promises';
import { failureNotes, whole } from '../report.js';
import type { ContendedResult } from '../worker/contended-load.js';
import { DRAIN_MS } from '../worker/come-back.js';
import { countFailures, type FailureCounts } from '../worker/failures.js';
import { overlapCount } from './overlaps.js';
import type { Row, Table } from './row.js';
import { GROUP_SIZE, type LocalGroup, type RowContext } from './row-context.js';

const PROCESSES = 4;
/** Below the ttl of 10 s, so that no lease ends by itself. */
const HOLD_MS = 8000;
/** From one restart to the next. Three of them, so a majority of members, come in one hold. */
const STRIKE_EVERY_MS = 2600;
const SECONDS = 60;

interface Sample {
  readonly contender: string;
  readonly restarts: number;
  readonly holds: ContendedResult['holds'];
  readonly failures: readonly FailureCounts[];
}

/** Four processes want one key and hold it long, while one member after the other is killed and starts empty at once. */
export const row: Row = {
  name: 'lock-loss',
  mayFail: true,
  async run(context) {
    const samples: Sample[] = [];
    for (const name of context.contenders('lock')) {
      const sample = await runContender(context, name);
      if (sample) samples.push(sample);
    }
    return { tables: [table(context, samples)], samples };
  },
};

async function runContender(context: RowContext, name: string): Promise<Sample | undefined> {
  await using group = await context.startGroup();
  const names = Array.from({ length: PROCESSES }, () => name);
  await using contenders = await context.startContenders('lock', names, group);
  const { processes } = contenders;
  if (processes.length < PROCESSES) return undefined;
  if (!processes.every((contender) => contender.can('acquireWaiting'))) {
    context.leaveOut(name, 'it cannot wait for a held lock');
    return undefined;
  }
  context.progress(`lock-loss: ${name}`);
  const seconds = context.seconds(SECONDS);
  const load = { key: 'bench:loss', workers: 1, holdMs: HOLD_MS, seconds };
  const end = new AbortController();
  const striking = strikeInTurn(group, end.signal);
  const results = await context.attempt(name, 'was stopped', () =>
    Promise.all(
      processes.map((contender) => contender.run('contended', load, seconds * 1000 + HOLD_MS + 2 * DRAIN_MS)),
    ),
  );
  end.abort();
  const restarts = await striking;
  if (!results) return undefined;
  return {
    contender: name,
    restarts,
    holds: results.flatMap(({ holds }) => holds),
    failures: results.map(({ failures }) => failures),
  };
}

/** @returns how many restarts there were */
async function strikeInTurn(group: LocalGroup, signal: AbortSignal): Promise<number> {
  for (let strike = 0; ; strike++) {
    await pause(STRIKE_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return strike;
    await group.members[strike % group.members.length]?.restart();
  }
}

function table(context: RowContext, samples: readonly Sample[]): Table {
  return {
    title: `One key, ${PROCESSES} processes, ${HOLD_MS / 1000} s hold of a lease of 10 s, ${context.seconds(SECONDS)} s: one of ${GROUP_SIZE} members after the other restarts empty`,
    columns: ['', 'restarts', 'holds', 'two at once', 'failed'],
    rows: samples.map(({ contender, restarts, holds, failures }) => [
      contender,
      whole(restarts),
      whole(holds.length),
      whole(overlapCount(holds)),
      whole(failures.reduce((sum, counts) => sum + countFailures(counts), 0)),
    ]),
    notes: [
      `A member restarts every ${STRIKE_EVERY_MS / 1000} s. two at once: holds that began while another one lasted.`,
      ...samples.flatMap(({ contender, failures }) => failures.flatMap((counts) => failureNotes(contender, counts))),
    ],
  };
}
