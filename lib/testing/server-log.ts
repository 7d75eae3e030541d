import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const keptLines = 20;

/** What a server prints: whether it is ready, and its last words for the error that says why it is not. */
export class ServerLog {
  /** It has loaded its data and accepts connections. */
  isReady = false;
  /** It could not have its port. */
  isPortTaken = false;
  private readonly lines: string[] = [];

  constructor(child: ChildProcess) {
    for (const output of [child.stdout, child.stderr]) if (output) this.follow(output);
  }

  tail(): string {
    return this.lines.join('\n');
  }

  private follow(output: Readable): void {
    createInterface({ input: output }).on('line', (line) => {
      if (line.includes('Ready to accept connections')) this.isReady = true;
      if (line.includes('Address already in use')) this.isPortTaken = true;
      this.lines.push(line);
      if (this.lines.length > keptLines) this.lines.shift();
    });
    // the pipe is a Socket; a server must not keep this process alive
    (output as Socket).unref();
  }
}
