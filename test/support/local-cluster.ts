import { freePort } from '../../lib/testing/free-port.js';
import { startLocalGroup, type LocalServer } from '../../lib/testing/index.js';
import { eventually } from './eventually.js';

/** A real Redis Cluster on this machine: masters without replicas, with the slots spread evenly. */
export interface LocalCluster extends AsyncDisposable {
  readonly masters: readonly LocalServer[];
  readonly startupNodes: { host: string; port: number }[];
}

const slots = 16_384;

export async function startLocalCluster(size: number): Promise<LocalCluster> {
  const busPorts = await Promise.all(Array.from({ length: size }, freePort));
  // announced, as one that has never met another does not know its own address, and ioredis passes over such a node
  const args = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-port'];
  const groups = await Promise.all(busPorts.map((port) => startLocalGroup({ size: 1, args: [...args, String(port)] })));
  const masters = groups.map(({ members }) => members[0]!);
  const stop = async (): Promise<void> => {
    await Promise.all(groups.map((group) => group.stop()));
  };
  try {
    await join(masters, busPorts);
  } catch (error) {
    await stop();
    throw error;
  }
  const startupNodes = masters.map(({ port }) => ({ host: '127.0.0.1', port }));
  return { masters, startupNodes, [Symbol.asyncDispose]: stop };
}

async function join(masters: readonly LocalServer[], busPorts: readonly number[]): Promise<void> {
  const [first, ...others] = masters;
  for (const [index, master] of masters.entries()) {
    const from = Math.floor((slots * index) / masters.length);
    const to = Math.floor((slots * (index + 1)) / masters.length) - 1;
    await master.command('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    // each with an epoch of its own: otherwise they must first settle who has which
    await master.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  for (const [index, { port }] of others.entries()) {
    await first!.command('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPorts[index + 1]));
  }
  await Promise.all(masters.map((master) => eventually(() => isWhole(master, masters.length), { within: 20_000 })));
}

async function isWhole(master: LocalServer, size: number): Promise<boolean> {
  const info = String(await master.command('CLUSTER', 'INFO'));
  return (
    info.includes('cluster_state:ok') &&
    info.includes(`cluster_slots_ok:${slots}`) &&
    info.includes(`cluster_known_nodes:${size}`)
  );
}
