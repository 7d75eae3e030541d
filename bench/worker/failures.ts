/** How often what failed, by message. */
export type FailureCounts = Record<string, number>;

/** Different messages kept; further ones are counted together. */
const MESSAGES_MAX = 20;
const LENGTH_MAX = 160;

/** Counts what went wrong in a process; nothing is hidden because a row looks better without it. */
export class Failures {
  private counts = new Map<string, number>();

  /** @param during what was tried, for example `acquire` */
  add(during: string, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    // keys and ids differ in each message: without digits the same failure is one line
    const message = `${during}: ${text.replace(/\d+/g, '#')}`.slice(0, LENGTH_MAX);
    const key = this.counts.has(message) || this.counts.size < MESSAGES_MAX ? message : 'others';
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  /** What was counted since the last call. */
  take(): FailureCounts {
    const counts = Object.fromEntries(this.counts);
    this.counts = new Map();
    return counts;
  }
}

export function addFailures(...all: readonly FailureCounts[]): FailureCounts {
  const sum: FailureCounts = {};
  for (const counts of all) {
    for (const [message, count] of Object.entries(counts)) sum[message] = (sum[message] ?? 0) + count;
  }
  return sum;
}

export function countFailures(counts: FailureCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
