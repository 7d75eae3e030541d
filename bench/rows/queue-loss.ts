import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { failureNotes, whole } from '../report.js';
import { DRAIN_MS } from '../worker/come-back.js';
import { countFailures } from '../worker/failures.js';
import type { WorkResult } from '../worker/queue-work.js';
import { queueContenders, RunningQueue, type QueueContender } from './queue-contenders.js';
import type { Row, Table } from './row.js';
import type { LocalGroup, RowContext } from './row-context.js';

const BODY_BYTES = 100;
const CONCURRENCY = 16;
/** So long that a member which came back votes again before the next one is hit. */
const SECONDS = 60;
const STRIKES = 3;
/** ms for which a server is down. */
const DOWN_MS = 1000;
/** ms of writes that an append-only file may lack which is synced every second. */
const UNSYNCED_MS = 1000;
/** ms: above the leases of all contenders, 30 s. */
const COME_MS = 45_000;

type Server = LocalGroup['members'][number];

/** `killed`: SIGKILL; what it wrote is in the file. `power`: what it had not synced is gone as well. */
const strikes = {
  async killed(server: Server): Promise<void> {
    await server.kill();
  },
  async power(server: Server): Promise<void> {
    const [, folder = ''] = (await server.command('CONFIG', 'GET', 'dir')) as string[];
    const files = join(folder, 'appendonlydir');
    const synced = join(folder, 'synced');
    await cp(files, synced, { recursive: true });
    await pause(UNSYNCED_MS);
    await server.kill();
    await rm(files, { recursive: true });
    await cp(synced, files, { recursive: true });
    await rm(synced, { recursive: true });
  },
} as const;

type Strike = keyof typeof strikes;

interface Sample extends WorkResult {
  readonly contender: string;
  readonly strike: Strike;
}

/** Producers and a consumer work on while a server is killed or loses power, three times; all append to a file, synced each second. */
export const row: Row = {
  name: 'queue-loss',
  mayFail: true,
  async run(context) {
    const samples: Sample[] = [];
    for (const contender of queueContenders(context).filter(({ name }) => name !== 'floor')) {
      for (const strike of Object.keys(strikes) as Strike[]) {
        const sample = await runContender(context, contender, strike);
        if (sample) samples.push(sample);
      }
    }
    return { tables: [table(context, samples)], samples };
  },
};

async function runContender(
  context: RowContext,
  contender: QueueContender,
  strike: Strike,
): Promise<Sample | undefined> {
  await using running = await RunningQueue.start(context, contender, 'everysec');
  if (!running) return undefined;
  const { label } = contender;
  context.progress(`queue-loss: ${label}, ${strike}`);
  const seconds = Math.max(8, Math.ceil(context.seconds(SECONDS)));
  const drainMs = context.patienceMs(COME_MS);
  const load = { queue: 'loss', bodyBytes: BODY_BYTES, concurrency: CONCURRENCY, seconds, drainMs };
  let striking: Promise<void> | undefined;
  const result = await context.attempt(label, 'was stopped', () =>
    running.process.run('work', load, seconds * 1000 + drainMs + 4 * DRAIN_MS, () => {
      striking = strikeInTurn(running.group, strike, (seconds * 1000) / (STRIKES + 1));
    }),
  );
  await striking;
  return result && { contender: label, strike, ...result };
}

async function strikeInTurn(group: LocalGroup, strike: Strike, everyMs: number): Promise<void> {
  const startedAt = performance.now();
  for (let count = 1; count <= STRIKES; count++) {
    await pause(Math.max(0, startedAt + count * everyMs - performance.now()));
    const server = group.members[count % group.members.length];
    if (!server) return;
    await strikes[strike](server);
    await pause(DOWN_MS);
    await server.start();
  }
}

function table(context: RowContext, samples: readonly Sample[]): Table {
  return {
    title: `Queue under load for ${context.seconds(SECONDS)} s, a server killed or without power ${STRIKES} times for ${DOWN_MS / 1000} s, append-only file synced each second`,
    columns: ['', 'server', 'put', 'done', 'lost', 'twice', 'seconds without a message', 'failed'],
    rows: samples.map((sample) => [
      sample.contender,
      sample.strike,
      whole(sample.put),
      whole(sample.done),
      whole(sample.lost),
      whole(sample.twice),
      whole(sample.perSecond.filter((count) => count === 0).length),
      whole(countFailures(sample.failures)),
    ]),
    notes: [
      'lost: put acknowledged, and never handed out; twice: handed out again.',
      `power: the file is as it was ${UNSYNCED_MS / 1000} s before, which is what syncing each second allows for.`,
      ...samples.flatMap(({ contender, strike, failures }) => failureNotes(`${contender}, ${strike}`, failures)),
    ],
  };
}
