/** Line format: `   1234 ms  restart empty       redis-3     detail`. */
const clockWidth = 7;
const faultWidth = 20;
const memberWidth = 12;

/** What was done to the servers and links of one test and when, one line a fault, for reading a failed run. */
export class FaultLog {
  private readonly startedAt = performance.now();
  private readonly entries: string[] = [];

  add(fault: string, member: string, detail = ''): void {
    const elapsed = Math.round(performance.now() - this.startedAt);
    const columns = [fault.padEnd(faultWidth), member.padEnd(memberWidth), detail];
    this.entries.push(`${String(elapsed).padStart(clockWidth)} ms  ${columns.join('').trimEnd()}`);
  }

  get lines(): readonly string[] {
    return this.entries;
  }

  toString(): string {
    return this.entries.join('\n');
  }
}
