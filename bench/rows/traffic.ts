import type { LocalGroup } from './row-context.js';

/** What reached and left a member, and what it cost it. */
export interface Traffic {
  /** Calls of scripts. */
  readonly scripts: number;
  /** All commands, with those that scripts call. */
  readonly commands: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** CPU time of the server, user and system, µs. */
  readonly cpuUs: number;
}

const kinds = ['scripts', 'commands', 'bytesIn', 'bytesOut', 'cpuUs'] as const satisfies readonly (keyof Traffic)[];

/** Of each member, since the servers began. */
export function readTraffic(group: LocalGroup): Promise<Traffic[]> {
  return Promise.all(group.members.map(async (member) => parseTraffic(String(await member.command('INFO', 'all')))));
}

/** What came between two readings, for each of so many operations, at the member that had most to do: it sets the pace. */
export function trafficPerOperation(
  before: readonly Traffic[],
  after: readonly Traffic[],
  operations: number,
): Traffic {
  const all = after.map((one, index) => each((kind) => (one[kind] - before[index]![kind]) / operations));
  return all.reduce((busiest, one) => (one.cpuUs > busiest.cpuUs ? one : busiest));
}

function parseTraffic(info: string): Traffic {
  const field = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  const calls = [...info.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)];
  return {
    scripts: calls.reduce((sum, [, count]) => sum + Number(count), 0),
    commands: field('total_commands_processed'),
    bytesIn: field('total_net_input_bytes'),
    bytesOut: field('total_net_output_bytes'),
    cpuUs: (field('used_cpu_user') + field('used_cpu_sys')) * 1e6,
  };
}

function each(valueOf: (kind: keyof Traffic) => number): Traffic {
  return Object.fromEntries(kinds.map((kind) => [kind, valueOf(kind)])) as unknown as Traffic;
}
