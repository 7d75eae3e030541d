import { now } from '../history/now.js';

/** Line format: `   1234 ms  restart empty       redis-3     detail`. */
const clockWidth = 7;
const faultWidth = 20;
const memberWidth = 12;

/** One thing that was done to servers, links or processes. */
export interface FaultEntry {
  /** ms of the machine's monotonic clock. */
  readonly at: number;
  readonly fault: string;
  readonly member: string;
  readonly detail: string;
}

/** What was done to the servers and links of one test and when, one line a fault, for reading a failed run. */
export class FaultLog {
  readonly entries: FaultEntry[] = [];
  /** ms from the end of faults to the moment in which all members voted again. */
  readonly recoveries: number[] = [];
  private readonly startedAt = now();

  add(fault: string, member: string, detail = ''): void {
    this.entries.push({ at: now(), fault, member, detail });
  }

  /** Faults are over: resolves with `whole`, and notes how long that took. */
  async recover(whole: () => Promise<void>): Promise<void> {
    const since = now();
    await whole();
    this.recoveries.push(now() - since);
  }

  get lines(): readonly string[] {
    return this.entries.map(({ at, fault, member, detail }) => {
      const elapsed = String(Math.round(at - this.startedAt)).padStart(clockWidth);
      const columns = [fault.padEnd(faultWidth), member.padEnd(memberWidth), detail];
      return `${elapsed} ms  ${columns.join('').trimEnd()}`;
    });
  }

  toString(): string {
    return this.lines.join('\n');
  }
}
