import type { Plan } from '../plan.js';

/** A plan for people: who is there, what goes wrong when, and what each worker does. */
export function describePlan(plan: Plan): string {
  const { groupSize, clientClocks, memberClocks, delays, faults, workers, quietAt } = plan;
  const clock = ({ offset, rate }: Plan['clientClocks'][number]): string => `${offset} ms, rate ${rate.toFixed(4)}`;
  return [
    `${groupSize} members${describeSplit(plan)}, ${clientClocks.length} clients; messages take up to ${delays.usualMax} ms, ` +
      `${delays.slowShare * 100} % up to ${delays.slowMax} ms; quiet from ${quietAt} ms on`,
    ...memberClocks.map((fault, index) => `  clock of ${machine(plan, index)}: ${clock(fault)}`),
    ...clientClocks.map((fault, index) => `  clock of client-${index + 1}: ${clock(fault)}`),
    'faults (members and clients are counted from 0):',
    ...faults.map(({ at, ...rest }) => `  ${String(at).padStart(6)} ms  ${JSON.stringify(rest)}`),
    ...workers
      .filter(({ operations }) => operations.length > 0)
      .flatMap(({ client, workload, operations }) => [
        `a ${workload} worker of client-${client + 1}:`,
        ...operations.map((operation) => `  ${JSON.stringify(operation)}`),
      ]),
  ].join('\n');
}

function describeSplit({ split }: Plan): string {
  return split ? ` of ${split.masters} masters with ${split.partitions} partitions` : '';
}

function machine({ split }: Plan, index: number): string {
  const masters = split?.masters ?? 1;
  const member = `redis-${Math.floor(index / masters) + 1}`;
  return masters === 1 ? member : `${member}.${(index % masters) + 1}`;
}
