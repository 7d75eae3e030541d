import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run } from './run.mjs';

/**
 * Installs redis-server where a package manager can do so without asking: apt-get or apk as root or with passwordless
 * sudo, Homebrew. The server of the package is not left running: its port may be wanted, and it is not needed.
 *
 * @returns whether a package manager reported success
 */
export async function installRedisServer() {
  const steps = stepsFor(process.platform);
  if (steps.length === 0) return false;
  console.error('No redis-server found. Installing one with the package manager of this system …');
  for (const { command, required = true } of steps) {
    const code = await run(command[0], command.slice(1), { stdio: ['ignore', 2, 2] }).catch(() => 127);
    if (code !== 0 && required) {
      console.error(`\`${command.join(' ')}\` ended with code ${code}.`);
      return false;
    }
  }
  return true;
}

function stepsFor(platform) {
  if (platform === 'darwin') return has('brew') ? [{ command: ['brew', 'install', 'redis'] }] : [];
  const asRoot = rootPrefix();
  if (platform !== 'linux' || asRoot === undefined) return [];
  if (has('apt-get')) return aptSteps(asRoot);
  if (has('apk')) return [{ command: [...asRoot, 'apk', 'add', '--no-cache', 'redis'] }];
  return [];
}

function aptSteps(asRoot) {
  // RUNLEVEL=1 keeps init scripts from starting the service; systemd does not look at it, so there it is stopped after.
  const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get'];
  const install = ['install', '-y', '-q', '--no-install-recommends', 'redis-server'];
  const steps = [{ command: [...apt, 'update', '-q'], required: false }, { command: [...apt, ...install] }];
  if (existsSync('/run/systemd/system')) {
    steps.push({ command: [...asRoot, 'systemctl', 'disable', '--now', 'redis-server'], required: false });
  }
  return steps;
}

/** What a command must start with to run as root; undefined when that would need a password. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return succeeds('sudo', ['-n', 'true']) ? ['sudo', '-n'] : undefined;
}

function has(command) {
  return succeeds('sh', ['-c', `command -v ${command}`]);
}

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
