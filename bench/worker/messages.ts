import type { LoadKind, Loads } from './loads.js';

/** What the parent sends. */
export type Request = { [Kind in LoadKind]: { kind: Kind; load: Loads[Kind]['load'] } }[LoadKind];

/** What a worker process sends: `ready` once, then `reached` where a load announces it and `done` for each load. */
export type Reply =
  | { kind: 'ready'; versions: string; canWait: boolean }
  | { kind: 'reached' }
  | { kind: 'done'; result: Loads[LoadKind]['result'] }
  | { kind: 'broken'; message: string };
