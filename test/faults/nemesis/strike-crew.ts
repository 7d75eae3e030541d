import { setTimeout as pause } from 'node:timers/promises';
import { brisk } from '../site/site-client.js';
import type { QueueCrew } from '../workload/queue-crew.js';
import type { Fault } from './nemesis.js';

function pick(indexes: readonly number[], random: () => number): number {
  return indexes[Math.floor(random() * indexes.length)]!;
}

/** SIGKILLs a process in the middle of whatever it does. */
export function killProcess(crew: QueueCrew): Fault {
  return async (site, _, random) => {
    const chosen = pick(crew.all, random);
    site.log.add('kill a process', crew.nameOf(chosen));
    await crew.replace(chosen);
  };
}

/** Stops a process, mostly for longer than its leases, while a member goes through another fault. */
export function pauseProcess(crew: QueueCrew, meanwhile: Fault): Fault {
  return async (site, member, random) => {
    const chosen = pick(crew.all, random);
    const process = crew.process(chosen);
    site.log.add('pause a process', crew.nameOf(chosen));
    process.stop();
    try {
      await Promise.all([pause(brisk.queue.lease * (0.3 + 2 * random())), meanwhile(site, member, random)]);
    } finally {
      site.log.add('continue a process', crew.nameOf(chosen));
      process.continue();
    }
  };
}

/** Cuts a process from one member in the middle of whatever it does. */
export function cutLink(crew: QueueCrew): Fault {
  return async (site, member, random) => {
    const chosen = pick(crew.linked, random);
    site.log.add('cut a link', `redis-${member}`, `from ${crew.nameOf(chosen)}`);
    const link = crew.linkOf(chosen, member);
    link.cut();
    await pause(random() * 600);
    link.restore();
  };
}

/** Holds back what a process sends to one member, which executes it late. */
export function delayRequests(crew: QueueCrew): Fault {
  return async (site, member, random) => {
    const chosen = pick(crew.linked, random);
    site.log.add('delay requests', `redis-${member}`, `from ${crew.nameOf(chosen)}`);
    const link = crew.linkOf(chosen, member);
    link.silence('requests');
    await pause(random() * 2 * brisk.maxOperationTime);
    link.restore();
  };
}
