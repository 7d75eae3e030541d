import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../lib/testing/free-port.js';
import { findRedisServer, startLocalGroup, type LocalServer } from '../../lib/testing/index.js';
import { redisCommand } from '../../lib/testing/redis-command.js';
import { eventually } from './eventually.js';

/** A master and its replica, watched by one real Sentinel. */
export interface LocalSentinel extends AsyncDisposable {
  /** Name under which the Sentinel knows the master. */
  readonly name: string;
  readonly port: number;
  /** The master first. */
  readonly servers: readonly LocalServer[];
  /** Makes the replica the master. Resolves when the Sentinel says that it is. */
  failOver(): Promise<void>;
}

export async function startLocalSentinel(name = 'mymaster'): Promise<LocalSentinel> {
  const group = await startLocalGroup({ size: 2 });
  const [master, replica] = group.members as [LocalServer, LocalServer];
  await replica.command('REPLICAOF', '127.0.0.1', String(master.port));
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'majority-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${name} 127.0.0.1 ${master.port} 1`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 5000`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn(await findRedisServer(), [file, '--sentinel'], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await group.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const masterPort = async (): Promise<number> => {
    const address = (await redisCommand(port, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name])) as [string, string];
    return Number(address[1]);
  };
  try {
    await eventually(async () => (await masterPort()) === master.port);
    await eventually(
      async () => ((await redisCommand(port, ['SENTINEL', 'REPLICAS', name])) as unknown[]).length === 1,
      {
        within: 20_000,
      },
    );
    await eventually(async () => /master_link_status:up/.test(String(await replica.command('INFO', 'replication'))));
  } catch (error) {
    await stop();
    throw error;
  }
  const failOver = async (): Promise<void> => {
    // refused until the Sentinel has seen that the replica is good
    await eventually(async () => (await redisCommand(port, ['SENTINEL', 'FAILOVER', name])) === 'OK', {
      within: 20_000,
    });
    await eventually(async () => (await masterPort()) === replica.port, { within: 20_000 });
  };
  return { name, port, servers: group.members, failOver, [Symbol.asyncDispose]: stop };
}
