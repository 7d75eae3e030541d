import { freePort } from '../../lib/testing/free-port.js';
import { startLocalGroup, type LocalServer } from '../../lib/testing/index.js';
import { eventually } from './eventually.js';

/** A real Redis Cluster on this machine: masters without replicas, with the slots spread evenly. */
export interface LocalCluster extends AsyncDisposable {
  readonly masters: readonly LocalServer[];
  readonly startupNodes: { host: string; port: number }[];
}

/** A slot on its way from one master to another. */
export interface MovingSlot {
  /** Moves up to so many of its keys. @returns how many there were */
  move(count: number): Promise<number>;
  /** Lets all masters know that it is served by the new one now; only once all its keys have moved. */
  finish(): Promise<void>;
}

const slots = 16_384;

export async function startLocalCluster(size: number): Promise<LocalCluster> {
  const busPorts = await Promise.all(Array.from({ length: size }, freePort));
  // announced, as one that has never met another does not know its own address, and ioredis passes over such a node
  const args = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'];
  // as docs/guides/operations.md advises
  args.push('--cluster-require-full-coverage', 'no', '--cluster-port');
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

/** Begins to move a slot as `redis-cli --cluster reshard` does it: both masters know, and no key has moved. */
export async function beginToMove(slot: number, source: LocalServer, target: LocalServer, all: readonly LocalServer[]) {
  const [sourceId, targetId] = await Promise.all([source, target].map((one) => one.command('CLUSTER', 'MYID')));
  await target.command('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', String(sourceId));
  await source.command('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', String(targetId));
  const others = all.filter((one) => one !== source && one !== target);
  return {
    async move(count) {
      const keys = (await source.command('CLUSTER', 'GETKEYSINSLOT', String(slot), String(count))) as string[];
      const address = ['127.0.0.1', String(target.port), '', '0', '5000'];
      if (keys.length > 0) await source.command('MIGRATE', ...address, 'KEYS', ...keys);
      return keys.length;
    },
    async finish() {
      for (const one of [target, source, ...others]) {
        await one.command('CLUSTER', 'SETSLOT', String(slot), 'NODE', String(targetId));
      }
    },
  } satisfies MovingSlot as MovingSlot;
}

/** Moves a whole slot, a few keys at a time. */
export async function moveSlot(
  slot: number,
  source: LocalServer,
  target: LocalServer,
  all: readonly LocalServer[],
): Promise<void> {
  const moving = await beginToMove(slot, source, target, all);
  while ((await moving.move(5)) > 0);
  await moving.finish();
}

/** Which master serves a slot. */
export async function masterOf(slot: number, { masters }: LocalCluster): Promise<LocalServer> {
  const ranges = (await masters[0]!.command('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
  const [, , [, port]] = ranges.find(([from, to]) => slot >= from && slot <= to)!;
  return masters.find((master) => master.port === port)!;
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
