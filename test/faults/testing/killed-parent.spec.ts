import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { isAlive } from '../../support/process.js';

// The child runs what `npm run build` made, by the package's own name, as an application would.
const program = `
  import { startLocalGroup } from 'nestjs-majority-redis/testing';
  const group = await startLocalGroup({ size: 3 });
  await group.members[0].kill();
  group.members[1].freeze();
  const [, folder] = await group.members[2].command('CONFIG', 'GET', 'dir');
  console.log(JSON.stringify({ pids: group.members.map(({ pid }) => pid), folder }));
  const finish = { exit: () => process.exit(0), throw: () => { throw new Error('on purpose'); }, idle: () => {} };
  process.stdin.once('data', (word) => finish[word]());
`;

interface Started {
  child: ChildProcess;
  pids: number[];
  folder: string;
}

async function startParent(): Promise<Started> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout! });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the program ended with code ${code}`)));
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  const { pids, folder } = JSON.parse(line) as { pids: (number | null)[]; folder: string };
  return { child, folder, pids: pids.filter((pid) => pid !== null) };
}

async function expectNothingLeft({ pids, folder }: Started): Promise<void> {
  await eventually(() => pids.every((pid) => !isAlive(pid)));
  await eventually(() => !existsSync(folder));
}

describe('servers of a process that ends without stopping them', () => {
  it.each(['SIGKILL', 'SIGTERM'] as const)('end with it, frozen ones too, when it gets %s', async (signal) => {
    const started = await startParent();
    expect(started.pids).toHaveLength(2);
    expect(started.pids.every(isAlive)).toBe(true);
    started.child.kill(signal);
    await expectNothingLeft(started);
  });

  it('end with it when the whole process group is interrupted, as by Ctrl-C', async () => {
    const started = await startParent();
    process.kill(-started.child.pid!, 'SIGINT');
    await expectNothingLeft(started);
  });

  it.each(['exit', 'throw'])('end with it when it ends by %s', async (word) => {
    const started = await startParent();
    started.child.stdin!.write(word);
    await expectNothingLeft(started);
  });

  it('do not keep it alive when it has nothing left to do', async () => {
    const started = await startParent();
    started.child.stdin!.end('idle');
    const [code] = await once(started.child, 'exit');
    expect(code).toBe(0);
    await expectNothingLeft(started);
  });
});
