import type { LoadKind, Loads } from './loads.js';

/** What the parent sends. */
export type Request = { [Kind in LoadKind]: { kind: Kind; load: Loads[Kind]['load'] } }[LoadKind];

export const optionalMethods = ['acquireWaiting', 'increment'] as const;

export type OptionalMethod = (typeof optionalMethods)[number];

/** What a worker process sends: `ready` once, with the names of the optional methods that its connection has, then `reached` where a load announces it and `done` for each load. */
export type Reply =
  | { kind: 'ready'; versions: string; methods: readonly OptionalMethod[] }
  | { kind: 'reached' }
  | { kind: 'done'; result: Loads[LoadKind]['result'] }
  | { kind: 'broken'; message: string };
