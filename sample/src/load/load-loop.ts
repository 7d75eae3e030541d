import { setTimeout as pause } from 'node:timers/promises';
import { isMajorityRedisError } from 'nestjs-majority-redis';

/** How a load is doing. */
export interface LoadView {
  readonly isRunning: boolean;
  /** Rounds that went well since it was started. */
  readonly done: number;
  /** Rounds in which nothing was done: no quorum, or a lock that was waited for in vain. No harm, they are tried again. */
  readonly refused: number;
  /** Rounds whose servers died on the way: done or not, but not twice. */
  readonly inDoubt: number;
  /** Rounds that ended in any other way. */
  readonly failed: number;
  /** What was promised and turned out not to hold. */
  readonly broken: number;
  /** Why the last one did not. */
  readonly lastError?: string;
}

/** Thrown by a round that has seen what must not be: a lock held twice, a count that was lost. */
export class BrokenPromise extends Error {}

/** What one worker does again and again. It gets its number, and the signal that ends the load. */
export type Round = (worker: number, signal: AbortSignal) => Promise<void>;

/** ms between two rounds of one worker, and after one that failed. */
const rest = 40;
const restAfterFailure = 250;
const refusals: ReadonlySet<string | undefined> = new Set(['NO_QUORUM', 'LOCK_UNAVAILABLE']);

/** Some workers that do the same until they are told to stop. */
export class LoadLoop {
  private stopping: AbortController | undefined;
  private workers: Promise<void> = Promise.resolve();
  private done = 0;
  private refused = 0;
  private inDoubt = 0;
  private failed = 0;
  private broken = 0;
  private lastError: string | undefined;

  constructor(
    private readonly workerCount: number,
    private readonly round: Round,
  ) {}

  get view(): LoadView {
    const { done, refused, inDoubt, failed, broken, lastError } = this;
    return { isRunning: this.stopping !== undefined, done, refused, inDoubt, failed, broken, lastError };
  }

  /** Does nothing when it runs already. */
  start(): void {
    if (this.stopping) return;
    this.stopping = new AbortController();
    this.done = 0;
    this.refused = 0;
    this.inDoubt = 0;
    this.failed = 0;
    this.broken = 0;
    this.lastError = undefined;
    const { signal } = this.stopping;
    const workers = Array.from({ length: this.workerCount }, (_, worker) => this.work(worker, signal));
    this.workers = Promise.all(workers).then(() => undefined);
  }

  /** Resolves when the rounds that had begun are through. */
  async stop(): Promise<void> {
    this.stopping?.abort();
    await this.workers;
    this.stopping = undefined;
  }

  private async work(worker: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const isDone = await this.tryRound(worker, signal);
      await pause(isDone ? rest : restAfterFailure, undefined, { signal }).catch(() => undefined);
    }
  }

  private async tryRound(worker: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.round(worker, signal);
      this.done += 1;
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      if (error instanceof BrokenPromise) this.broken += 1;
      else if (refusals.has(codeOf(error))) this.refused += 1;
      else if (codeOf(error) === 'OUTCOME_UNKNOWN') this.inDoubt += 1;
      else this.failed += 1;
      this.lastError = error instanceof Error ? error.message : String(error);
      return false;
    }
  }
}

function codeOf(error: unknown): string | undefined {
  return isMajorityRedisError(error) ? error.code : undefined;
}
