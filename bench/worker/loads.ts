import type { PeerConnection } from '../peers/peer.js';
import { type ContendedLoad, type ContendedResult, runContended } from './contended-load.js';
import type { Failures } from './failures.js';
import { type FaultLoad, type FaultResult, runFault } from './fault-load.js';
import { runUncontended, type UncontendedLoad, type UncontendedResult } from './uncontended-load.js';

/** What a load has to work with in its process. */
export interface LoadContext {
  readonly connection: PeerConnection;
  readonly failures: Failures;
  /** Starts the names of all keys of this contender, so that contenders do not meet. */
  readonly keyPrefix: string;
  /** Tells the parent process that the point it waits for is reached. */
  announce(): void;
}

/** Each kind of load with what it takes and gives. */
export interface Loads {
  uncontended: { load: UncontendedLoad; result: UncontendedResult };
  contended: { load: ContendedLoad; result: ContendedResult };
  fault: { load: FaultLoad; result: FaultResult };
}

export type LoadKind = keyof Loads;

export const loads: {
  [Kind in LoadKind]: (context: LoadContext, load: Loads[Kind]['load']) => Promise<Loads[Kind]['result']>;
} = { uncontended: runUncontended, contended: runContended, fault: runFault };
