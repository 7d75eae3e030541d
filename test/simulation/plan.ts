import type { DelayOptions } from './network/link.js';
import type { Fault } from './nemesis/fault.js';
import type { ClockFault } from './time/machine-clock.js';
import type { Operation, WorkloadName } from './workload/workload.js';

/** One thread of work of one client: one operation after the other. */
export interface WorkerPlan {
  readonly client: number;
  readonly workload: WorkloadName;
  readonly operations: readonly Operation[];
}

/** Into how many partitions a group is split, and how many masters serve them in each member: a Redis Cluster if several. */
export interface Split {
  readonly partitions: number;
  readonly masters: number;
}

/**
 * All that a run does of its own accord, as plain data: it is made from a seed, and made smaller when it fails. What
 * the network does with it is drawn from the seed as it goes.
 */
export interface Plan {
  readonly seed: number;
  readonly groupSize: number;
  /** Absent when it is not split, and each member is one server. */
  readonly split?: Split;
  /** One for each machine: those of the first member, of the second, and so on. */
  readonly memberClocks: readonly ClockFault[];
  readonly clientClocks: readonly ClockFault[];
  readonly delays: DelayOptions;
  readonly workers: readonly WorkerPlan[];
  readonly faults: readonly Fault[];
  /** ms; when all faults are over. */
  readonly quietAt: number;
}
