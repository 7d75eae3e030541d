import { inspect } from 'node:util';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

/** What reached the process though somebody should have dealt with it: rejections, exceptions, ioredis' `error` events. */
export class UnhandledWatch {
  readonly seen: string[] = [];
  private readonly print = console.error;

  start(): void {
    process.on('unhandledRejection', this.onRejection);
    process.on('uncaughtExceptionMonitor', this.onException);
    // ioredis prints an error event that has no listener instead of throwing it
    console.error = (...args: unknown[]) => {
      if (String(args[0]).includes('Unhandled error event')) this.note('error event', args);
      else this.print(...args);
    };
  }

  stop(): void {
    process.off('unhandledRejection', this.onRejection);
    process.off('uncaughtExceptionMonitor', this.onException);
    console.error = this.print;
  }

  private readonly onRejection = (reason: unknown): void => this.note('rejection', reason);
  private readonly onException = (error: unknown): void => this.note('exception', error);

  private note(kind: string, what: unknown): void {
    this.seen.push(`${kind}: ${inspect(what)}`);
  }
}

/** Call it once on top of a file: each of its tests then also fails when something unhandled reached the process. */
export function expectNothingUnhandled(): void {
  const watch = new UnhandledWatch();
  beforeAll(() => watch.start());
  afterEach(async () => {
    // a rejection is reported after the turn in which nobody took it
    await turn();
    expect(watch.seen.splice(0)).toEqual([]);
  });
  afterAll(() => watch.stop());
}
