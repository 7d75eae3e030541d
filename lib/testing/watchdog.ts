import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Sees to it that this process leaves no server and no folder behind, however it ends: SIGKILL, crash or plain exit.
 * A small shell reads the pids of our servers from a pipe. The pipe closes when this process is gone; then the shell
 * kills what is left and removes the folder.
 */
class Watchdog {
  /** Where all servers of this process have their folders. Removed after this process has ended. */
  readonly folder = mkdtempSync(join(tmpdir(), 'majority-redis-'));
  private readonly shell: ChildProcess;

  constructor() {
    // detached: in a process group of its own, so that Ctrl-C does not end the watchdog before its charges
    this.shell = spawn('/bin/sh', ['-c', script, 'majority-redis-watchdog', this.folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.shell.on('error', ignore);
    this.shell.stdin?.on('error', ignore);
    // neither the shell nor the pipe to it keeps this process alive
    this.shell.unref();
    (this.shell.stdin as Socket | null)?.unref();
  }

  add(pid: number): void {
    this.shell.stdin?.write(`add ${pid}\n`);
  }

  drop(pid: number): void {
    this.shell.stdin?.write(`drop ${pid}\n`);
  }
}

let current: Watchdog | undefined;

/** The one of this process, started when first needed. */
export function watchdog(): Watchdog {
  return (current ??= new Watchdog());
}

const script = `
pids=' '
while read -r verb pid; do
  case "$verb" in
    add) pids="$pids$pid " ;;
    drop) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
for pid in $pids; do kill -9 "$pid"; done
rm -rf "$1"
`;

// a watchdog that could not start or was killed only means that nobody cleans up after a crash
function ignore(): void {}
