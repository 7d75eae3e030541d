import type { MajorityRedis } from '../../../lib/connect.js';
import type { Plan } from '../plan.js';
import type { Chance } from '../time/chance.js';
import type { KvOperationPlan } from './kv-workload.js';
import type { LockOperationPlan } from './lock-workload.js';
import type { QueueOperationPlan } from './queue-workload.js';

export const workloadNames = ['lock', 'kv', 'queue'] as const;
export type WorkloadName = (typeof workloadNames)[number];

/** One step of a worker, as plain data. */
export type Operation = LockOperationPlan | KvOperationPlan | QueueOperationPlan;

/** Where the names of an operation are. */
export interface Placed {
  /** Absent where there is one. */
  readonly partition?: number;
}

/** One client as its workers see it: the services, and the clock and sleep of its own process. */
export interface Actor {
  readonly name: string;
  readonly redis: MajorityRedis;
  /** ms of the client's own clock. */
  sleep(ms: number): Promise<void>;
}

/** Virtual time, where violations go, and a look into the members. */
export interface Stage {
  readonly plan: Plan;
  now(): number;
  object(violation: string): void;
  /** Keys of all members that match, one entry a member and key. */
  keysLike(pattern: RegExp): string[];
  /** One line of the trace. */
  note(who: string, what: string): void;
}

/** One kind of load with what must always hold for it. One of these lives as long as a run. */
export interface Workload<O extends Operation> {
  /** Carries out one step; resolves when it is done, well or not. */
  perform(actor: Actor, operation: O): Promise<void>;
  /** Looked at after each event. */
  watch?(): void;
  /** All members and clients are well again: every operation must succeed now. */
  finish(actors: readonly Actor[]): Promise<void>;
  /** Judges the whole run. */
  judge(): void;
  /** What was done, for the report. */
  readonly counts: Readonly<Record<string, number>>;
}

/** How the steps of a worker are drawn. */
export type OperationPlanner<O extends Operation> = (chance: Chance, worker: string) => O[];
