import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { seededRandom, testSeed } from '../support/seed.js';
import { checkDeliveries, checkGroupOrder, countDeeds } from './checker/check-deliveries.js';
import type { QueueDeed } from './history/queue-history.js';
import { flush } from './nemesis/flush.js';
import { freezeAndThaw } from './nemesis/freeze-and-thaw.js';
import { freezeHome } from './nemesis/freeze-home.js';
import { shuffled, type Fault } from './nemesis/nemesis.js';
import { restartEmpty } from './nemesis/restart-empty.js';
import { cutLink, delayRequests, killProcess, pauseProcess } from './nemesis/strike-crew.js';
import { Site } from './site/site.js';
import type { SiteClient } from './site/site-client.js';
import { QueueCrew } from './workload/queue-crew.js';

/** Times that members are hit at random after all have been restarted; `npm run test:soak` asks for more. */
const strikes = Number(process.env['SOAK_STRIKES'] ?? 3);

/** Resolves once every message is acknowledged. Those that consumers rejected come again. */
async function drain(observer: SiteClient, queue: string): Promise<void> {
  await eventually(
    async () => {
      await observer.queues.redrive(queue);
      return expect(await observer.queues.size(queue)).toMatchObject({ ready: 0, delayed: 0, leased: 0, dead: 0 });
    },
    { within: 30_000, every: 200 },
  );
}

async function historyUnderFaults(seed: number): Promise<readonly QueueDeed[]> {
  const random = seededRandom(seed);
  await using site = await Site.start();
  const observer = await site.connect('observer');
  await using crew = await QueueCrew.start(site, seed);
  const faults = [
    restartEmpty,
    flush,
    freezeAndThaw,
    freezeHome(crew.queue, observer),
    killProcess(crew),
    pauseProcess(crew, restartEmpty),
    cutLink(crew),
    delayRequests(crew),
  ];
  const pick = (): Fault => faults[Math.floor(random() * faults.length)]!;
  // the other member is of the minority that may fail at the same time
  const rolling = shuffled(site.memberNumbers, random).map((member): [number, Fault] => [member, restartEmpty]);
  const strikesAtRandom = Array.from({ length: strikes }, (): [number, Fault] => {
    return [1 + Math.floor(random() * site.memberNumbers.length), pick()];
  });
  for (const [member, fault] of [...rolling, ...strikesAtRandom]) {
    const [other] = shuffled(
      site.memberNumbers.filter((one) => one !== member),
      random,
    );
    await Promise.all([fault(site, member, random), pick()(site, other!, random)]);
    // several busy processes besides: it may take longer than one alone needs
    await observer.asksUntilAllVote(60_000);
  }
  await crew.finish('producer');
  await drain(observer, crew.queue);
  await crew.finish('consumer');
  return crew.history();
}

describe('two producers and three consumers of a queue while all members restart empty in turn, and under other faults', () => {
  it(
    'have every stored message acknowledged once, by one holder at a time',
    { timeout: 200_000 + 20_000 * strikes },
    async () => {
      const history = await historyUnderFaults(testSeed());
      const { put, stored, delivery, acked } = countDeeds(history);
      // a group's order is home's: when home changes, the new one may not have all messages yet
      const late = checkGroupOrder(history).length;
      console.log(
        `${put} put, ${stored} stored, ${delivery} delivered, ${acked} acknowledged, ${late} before one of their group`,
      );
      expect(checkDeliveries(history)).toEqual([]);
      // nothing could have gone wrong if nothing had been done
      expect(acked).toBeGreaterThan(50 * strikes);
    },
  );
});
