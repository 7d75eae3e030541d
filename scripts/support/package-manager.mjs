import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run } from './run.mjs';

/** How a program is called by the package managers, and what must not go on running after it was installed. */
const packages = {
  'redis-server': { apt: 'redis-server', apk: 'redis', brew: ['redis'], service: 'redis-server' },
  chromium: { apt: 'chromium', apk: 'chromium', brew: ['--cask', 'chromium'] },
};

/**
 * Installs a program where a package manager can do so without asking: apt-get or apk as root or with passwordless sudo,
 * Homebrew. A server that comes with it is not left running: its port may be wanted, and it is not needed.
 *
 * @returns whether a package manager reported success
 */
export async function install(program) {
  const steps = stepsFor(process.platform, packages[program]);
  if (steps.length === 0) return false;
  console.error(`No ${program} found. Installing one with the package manager of this system …`);
  for (const { command, required = true } of steps) {
    const code = await run(command[0], command.slice(1), { stdio: ['ignore', 2, 2] }).catch(() => 127);
    if (code !== 0 && required) {
      console.error(`\`${command.join(' ')}\` ended with code ${code}.`);
      return false;
    }
  }
  return true;
}

function stepsFor(platform, names) {
  if (platform === 'darwin') return has('brew') ? [{ command: ['brew', 'install', ...names.brew] }] : [];
  const asRoot = rootPrefix();
  if (platform !== 'linux' || asRoot === undefined) return [];
  if (has('apt-get')) return aptSteps(asRoot, names);
  if (has('apk')) return [{ command: [...asRoot, 'apk', 'add', '--no-cache', names.apk] }];
  return [];
}

function aptSteps(asRoot, { apt: name, service }) {
  // RUNLEVEL=1 keeps init scripts from starting the service; systemd does not look at it, so there it is stopped after.
  const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get'];
  const install = ['install', '-y', '-q', '--no-install-recommends', name];
  const steps = [{ command: [...apt, 'update', '-q'], required: false }, { command: [...apt, ...install] }];
  if (service !== undefined && existsSync('/run/systemd/system')) {
    steps.push({ command: [...asRoot, 'systemctl', 'disable', '--now', service], required: false });
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
