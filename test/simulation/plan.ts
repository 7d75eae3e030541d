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

/**
 * All that a run does of its own accord, as plain data: it is made from a seed, and made smaller when it fails. What
 * the network does with it is drawn from the seed as it goes.
 */
export interface Plan {
  readonly seed: number;
  readonly groupSize: number;
  readonly memberClocks: readonly ClockFault[];
  readonly clientClocks: readonly ClockFault[];
  readonly delays: DelayOptions;
  readonly workers: readonly WorkerPlan[];
  readonly faults: readonly Fault[];
  /** ms; when all faults are over. */
  readonly quietAt: number;
}
