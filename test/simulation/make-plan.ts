import { planFaults, type FaultScene } from './nemesis/plan-faults.js';
import { planSplitFaults } from './nemesis/plan-split-faults.js';
import type { Plan, WorkerPlan } from './plan.js';
import { Chance } from './time/chance.js';
import type { ClockFault } from './time/machine-clock.js';
import { planKvOperations } from './workload/kv-workload.js';
import { planLockOperations } from './workload/lock-workload.js';
import { planQueueOperations } from './workload/queue-workload.js';
import { workloadNames, type Operation, type WorkloadName } from './workload/workload.js';

/** ms by which the group has formed at the earliest when faults begin. */
const faultsFrom = 100;
const second = 1000;
const hour = 3600 * second;

/** Of all seeds, how many have a group that is split. */
const splitShare = 0.25;

const planners = { lock: planLockOperations, kv: planKvOperations, queue: planQueueOperations } as const;

/** Draws a run from its seed. @param workload one kind of load only; otherwise the seed chooses, mostly all at once */
export function makePlan(seed: number, workload?: WorkloadName): Plan {
  const chance = new Chance(seed, 'plan');
  const groupSize = chance.weighted([
    [12, 3],
    [5, 5],
    [2, 4],
    [1, 1],
  ]);
  const clientCount = chance.whole(2, 3);
  const names: readonly WorkloadName[] = workload
    ? [workload]
    : chance.isHit(0.5)
      ? [chance.pick(workloadNames)]
      : workloadNames;
  const quietAt = chance.pick([2000, 4000, 6000]);
  const usualMax = chance.pick([1, 5, 20]);
  const memberClocks = Array.from({ length: groupSize }, () => memberClock(chance));
  const clientClocks = Array.from({ length: clientCount }, () => clientClock(chance, names.includes('queue')));
  const delays = { usualMax, slowShare: chance.pick([0, 0.01, 0.05]), slowMax: chance.pick([60, 250, 900]) };
  const workers = planWorkers(chance.stream('workers'), clientCount, names);
  const count = chance.whole(0, 4) * chance.whole(1, 4);
  const scene = { groupSize, clientCount, from: faultsFrom, until: quietAt, count };
  const faults = planFaults(chance.stream('faults'), scene);
  const plan = { seed, groupSize, memberClocks, clientClocks, delays, workers, faults, quietAt };
  // by chance of its own: the plans of other seeds stay as they were
  return splitPlan(chance.stream('split'), plan, scene);
}

/** Makes a part of all plans ones of groups that are split into partitions. */
function splitPlan(chance: Chance, plan: Plan, scene: FaultScene): Plan {
  if (!chance.isHit(splitShare)) return plan;
  const masters = chance.weighted([
    [1, 1],
    [3, 2],
    [2, 3],
  ]);
  const partitions = chance.weighted([
    [4, 2],
    [3, 3],
    [1, 4],
  ]);
  const split = { partitions, masters };
  const place = <T extends Operation>(operation: T): T => ({
    ...operation,
    partition: chance.whole(0, partitions - 1),
  });
  return {
    ...plan,
    split,
    memberClocks: plan.memberClocks.flatMap((first) => [
      first,
      ...Array.from({ length: masters - 1 }, () => memberClock(chance)),
    ]),
    workers: plan.workers.map((worker) => ({ ...worker, operations: worker.operations.map(place) })),
    faults: planSplitFaults(chance.stream('faults'), plan.faults, split, scene),
  };
}

function planWorkers(chance: Chance, clientCount: number, names: readonly WorkloadName[]): WorkerPlan[] {
  const workers: WorkerPlan[] = [];
  for (let client = 0; client < clientCount; client++) {
    for (const workload of names) {
      for (let index = 0; index < (names.length === 1 ? 2 : 1); index++) {
        const name = `${client + 1}${workload}${index}`;
        workers.push({ client, workload, operations: planners[workload](chance.stream(name), name) });
      }
    }
  }
  return workers;
}

/** Rates within the 1 % that leases allow for between two machines. */
function rate(chance: Chance): number {
  return 1 + chance.between(-0.004, 0.004);
}

function memberClock(chance: Chance): ClockFault {
  const spread = chance.weighted([
    [5, 0],
    [3, second],
    [1, hour],
  ]);
  return { offset: Math.round(chance.between(-spread, spread)), rate: rate(chance) };
}

/** @param keepsIds callers' ids are remembered for a day by the clients' clocks, so these are wrong by hours at most */
function clientClock(chance: Chance, keepsIds: boolean): ClockFault {
  const spread = chance.weighted([
    [4, 0],
    [3, second],
    [2, hour],
    [1, keepsIds ? hour : 72 * hour],
  ]);
  return { offset: clearOfOneDay(Math.round(chance.between(-spread, spread))), rate: rate(chance) };
}

/** Members must agree on who is over a day ahead: docs/protocols/kv.md, what is not promised. */
function clearOfOneDay(offset: number): number {
  return Math.abs(offset - 24 * hour) < 2 * hour ? offset + 4 * hour : offset;
}
