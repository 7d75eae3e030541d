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
import type { FaultLog } from './report/fault-log.js';
import { soakLength, strikesFor } from './report/soak-length.js';
import { keepReport, makeReport, type SoakCall } from './report/soak-report.js';
import { Site } from './site/site.js';
import type { SiteClient } from './site/site-client.js';
import { QueueCrew } from './workload/queue-crew.js';

/** Members are hit at random after all have been restarted. */
const length = soakLength(3);

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

interface Run {
  readonly history: readonly QueueDeed[];
  readonly log: FaultLog;
}

async function runUnderFaults(seed: number): Promise<Run> {
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
  const strike = async (member: number, fault: Fault): Promise<void> => {
    // the other member is of the minority that may fail at the same time
    const [other] = shuffled(
      site.memberNumbers.filter((one) => one !== member),
      random,
    );
    await Promise.all([fault(site, member, random), pick()(site, other!, random)]);
    // several busy processes besides: it may take longer than one alone needs
    await site.log.recover(() => observer.asksUntilAllVote(60_000));
  };
  for (const member of shuffled(site.memberNumbers, random)) await strike(member, restartEmpty);
  for (const _ of strikesFor(length)) await strike(1 + Math.floor(random() * site.memberNumbers.length), pick());
  await crew.finish('producer');
  await drain(observer, crew.queue);
  await crew.finish('consumer');
  return { history: crew.history(), log: site.log };
}

/** Puts and acks; one without an answer was refused, or the process died. */
function callsOf(history: readonly QueueDeed[]): SoakCall[] {
  const answered = new Set<string>();
  const calls: SoakCall[] = [];
  for (const deed of history) {
    if (deed.kind === 'stored') answered.add(`put ${deed.put}`);
    else if (deed.kind === 'acked') answered.add(`ack ${deed.delivery}`);
    else continue;
    calls.push({ at: deed.at, outcome: 'done' });
  }
  for (const deed of history) {
    const name = deed.kind === 'put' ? `put ${deed.put}` : deed.kind === 'ack' ? `ack ${deed.delivery}` : undefined;
    if (name !== undefined && !answered.has(name)) calls.push({ at: deed.at, outcome: 'unknown' });
  }
  return calls;
}

describe('two producers and three consumers of a queue while all members restart empty in turn, and under other faults', () => {
  it(
    'have every stored message acknowledged once, by one holder at a time',
    { timeout: 260_000 + 2 * length.lasts },
    async () => {
      const { history, log } = await runUnderFaults(testSeed());
      const violations = checkDeliveries(history);
      await keepReport(makeReport('queue', log, callsOf(history), violations));
      const { put, stored, delivery, acked } = countDeeds(history);
      // a group's order is home's: when home changes, the new one may not have all messages yet
      const late = checkGroupOrder(history).length;
      console.log(
        `${put} put, ${stored} stored, ${delivery} delivered, ${acked} acknowledged, ${late} before one of their group`,
      );
      expect(violations).toEqual([]);
      // nothing could have gone wrong if nothing had been done
      expect(acked).toBeGreaterThan(50 * length.strikes);
    },
  );
});
