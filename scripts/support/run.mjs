import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './paths.mjs';

/**
 * Runs a command with this terminal's input and output. Ctrl-C and SIGTERM reach the command first; this process ends
 * after it.
 *
 * @returns its exit code; 128 + the signal's number when a signal ended it, as shells count
 * @throws when the command cannot be started
 */
export function run(command, args = [], { env = {}, cwd = root, stdio = 'inherit' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio, env: { ...process.env, ...env } });
    const pass = (signal) => child.kill(signal);
    // Ctrl-C in a terminal reaches the command by itself; this process only has to outlive it.
    const interrupt = process.stdin.isTTY ? () => {} : pass;
    process.on('SIGINT', interrupt).on('SIGTERM', pass).on('SIGHUP', pass);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', interrupt).off('SIGTERM', pass).off('SIGHUP', pass);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** Runs a command and ends this script with the command's exit code when that is not 0. */
export async function mustRun(command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0) process.exit(code);
}
