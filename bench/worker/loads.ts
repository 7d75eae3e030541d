import type { LockConnection, QueueConnection, StoreConnection } from '../peers/peer.js';
import { type ConsumersLoad, type ConsumersResult, runConsumers } from './consumers-load.js';
import { type ContendedLoad, type ContendedResult, runContended } from './contended-load.js';
import { type CounterLoad, type CounterResult, readCounter, runCounter } from './counter-load.js';
import type { FailureCounts, Failures } from './failures.js';
import { type FaultLoad, type FaultResult, runFault } from './fault-load.js';
import { type HoldLoad, type HoldResult, runHold, runLetGo, runVisit, type VisitLoad } from './hold-load.js';
import { type LatencyLoad, type LatencyResult, runLatency } from './queue-latency.js';
import { runWork, type WorkLoad, type WorkResult } from './queue-work.js';
import type { SliceResult } from './slice.js';
import { type FillLoad, runFill, runStore, type StoreLoad } from './store-load.js';
import { type DrainLoad, type DrainResult, type PutLoad, type PutResult, runDrain, runPut } from './queue-load.js';
import { runUncontended, type UncontendedLoad } from './uncontended-load.js';

/** What a load has to work with in its process. */
export interface LoadContext {
  /** @throws Error when the process is connected for something else */
  readonly locks: LockConnection;
  /** @throws Error when the process is connected for something else */
  readonly store: StoreConnection;
  /** @throws Error when the process is connected for something else */
  readonly queue: QueueConnection;
  readonly failures: Failures;
  /** Starts the names of all keys of this contender, so that contenders do not meet. */
  readonly keyPrefix: string;
  /** Tells the parent process that the point it waits for is reached. */
  announce(): void;
}

/** Each kind of load with what it takes and gives. */
export interface Loads {
  uncontended: { load: UncontendedLoad; result: SliceResult };
  contended: { load: ContendedLoad; result: ContendedResult };
  fault: { load: FaultLoad; result: FaultResult };
  hold: { load: HoldLoad; result: HoldResult };
  letGo: { load: object; result: FailureCounts };
  visit: { load: VisitLoad; result: FailureCounts };
  store: { load: StoreLoad; result: SliceResult };
  fill: { load: FillLoad; result: FailureCounts };
  counter: { load: CounterLoad; result: CounterResult };
  readCounter: { load: { readonly key: string }; result: number };
  put: { load: PutLoad; result: PutResult };
  drain: { load: DrainLoad; result: DrainResult };
  consumers: { load: ConsumersLoad; result: ConsumersResult };
  latency: { load: LatencyLoad; result: LatencyResult };
  work: { load: WorkLoad; result: WorkResult };
}

export type LoadKind = keyof Loads;

type Run<Kind extends LoadKind> = (context: LoadContext, load: Loads[Kind]['load']) => Promise<Loads[Kind]['result']>;

const loads: { readonly [Kind in LoadKind]: Run<Kind> } = {
  uncontended: runUncontended,
  contended: runContended,
  fault: runFault,
  hold: runHold,
  letGo: runLetGo,
  visit: runVisit,
  store: runStore,
  fill: runFill,
  counter: runCounter,
  readCounter,
  put: runPut,
  drain: runDrain,
  consumers: runConsumers,
  latency: runLatency,
  work: runWork,
};

export function runLoad<Kind extends LoadKind>(
  context: LoadContext,
  { kind, load }: { readonly kind: Kind; readonly load: Loads[Kind]['load'] },
): Promise<Loads[Kind]['result']> {
  return loads[kind](context, load);
}
