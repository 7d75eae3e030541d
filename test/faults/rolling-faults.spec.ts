import { describe, expect, it } from 'vitest';
import { seededRandom, testSeed } from '../support/seed.js';
import { checkExclusion } from './checker/check-exclusion.js';
import { History } from './history/history.js';
import { flush } from './nemesis/flush.js';
import { freezeAndThaw } from './nemesis/freeze-and-thaw.js';
import { strikeInTurn, type Fault } from './nemesis/nemesis.js';
import { restartEmpty } from './nemesis/restart-empty.js';
import type { FaultLog } from './report/fault-log.js';
import { soakLength, strikesFor, type SoakLength } from './report/soak-length.js';
import { keepReport, makeReport } from './report/soak-report.js';
import { Site } from './site/site.js';
import { Contenders } from './workload/contenders.js';
import { FencedResource } from './workload/fenced-resource.js';

const contenderCount = 16;
const clientNames = ['ada', 'bob', 'cleo', 'dan'];

/** All members are hit in turn, and again in a soak. */
const length = soakLength(1);

interface Run {
  readonly history: History;
  readonly resource: FencedResource;
  readonly log: FaultLog;
}

async function contendWhile(pickFault: (random: () => number) => Fault, turns: SoakLength): Promise<Run> {
  const random = seededRandom(testSeed());
  await using site = await Site.start();
  const clients = await Promise.all(clientNames.map((name) => site.connect(name)));
  const history = new History();
  const resource = new FencedResource();
  const services = clients.map(({ locks }) => locks);
  const contenders = new Contenders('seat', services, contenderCount, resource, history, random);
  try {
    for (const _ of strikesFor(turns)) await strikeInTurn(() => pickFault(random), site, clients[0]!, random);
  } finally {
    await contenders.stop();
  }
  return { history, resource, log: site.log };
}

async function expectExclusion({ history, resource, log }: Run): Promise<void> {
  const violations = checkExclusion(history.deeds);
  await keepReport(makeReport('locks', log, history.calls, violations));
  expect(violations).toEqual([]);
  // nobody could have done wrong if nobody had got in
  expect(history.count('enter')).toBeGreaterThan(50);
  expect(resource.accepted).toHaveLength(history.count('write'));
}

describe('sixteen contenders for one lock', () => {
  it(
    'never hold it together while all five members restart empty, one after the other',
    { timeout: 60_000 },
    async () => {
      await expectExclusion(await contendWhile(() => restartEmpty, { strikes: 1, lasts: 0 }));
    },
  );

  it(
    'never hold it together under restarts, flushes and freezes in random order',
    { timeout: 60_000 + 2 * length.lasts },
    async () => {
      const faults = [restartEmpty, flush, freezeAndThaw];
      const pick = (random: () => number): Fault => faults[Math.floor(random() * faults.length)]!;
      await expectExclusion(await contendWhile(pick, length));
    },
  );
});
