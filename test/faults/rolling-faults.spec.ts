import { describe, expect, it } from 'vitest';
import { seededRandom, testSeed } from '../support/seed.js';
import { checkExclusion } from './checker/check-exclusion.js';
import { History } from './history/history.js';
import { flush } from './nemesis/flush.js';
import { freezeAndThaw } from './nemesis/freeze-and-thaw.js';
import { strikeInTurn, type Fault } from './nemesis/nemesis.js';
import { restartEmpty } from './nemesis/restart-empty.js';
import { Site } from './site/site.js';
import { Contenders } from './workload/contenders.js';
import { FencedResource } from './workload/fenced-resource.js';

const contenderCount = 16;
const clientNames = ['ada', 'bob', 'cleo', 'dan'];

async function contendWhile(
  pickFault: (random: () => number) => Fault,
): Promise<{ history: History; resource: FencedResource }> {
  const random = seededRandom(testSeed());
  await using site = await Site.start();
  const clients = await Promise.all(clientNames.map((name) => site.connect(name)));
  const history = new History();
  const resource = new FencedResource();
  const services = clients.map(({ locks }) => locks);
  const contenders = new Contenders('seat', services, contenderCount, resource, history, random);
  try {
    await strikeInTurn(() => pickFault(random), site, clients[0]!, random);
  } finally {
    await contenders.stop();
  }
  return { history, resource };
}

function expectExclusion({ history, resource }: { history: History; resource: FencedResource }): void {
  expect(checkExclusion(history.deeds)).toEqual([]);
  // nobody could have done wrong if nobody had got in
  expect(history.count('enter')).toBeGreaterThan(50);
  expect(resource.accepted).toHaveLength(history.count('write'));
}

describe('sixteen contenders for one lock', () => {
  it(
    'never hold it together while all five members restart empty, one after the other',
    { timeout: 60_000 },
    async () => {
      expectExclusion(await contendWhile(() => restartEmpty));
    },
  );

  it('never hold it together under restarts, flushes and freezes in random order', { timeout: 60_000 }, async () => {
    const faults = [restartEmpty, flush, freezeAndThaw];
    expectExclusion(await contendWhile((random) => faults[Math.floor(random() * faults.length)]!));
  });
});
