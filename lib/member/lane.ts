import type { Clock } from '../runtime/clock.js';
import type { VoteRequest } from './vote-request.js';

/** Most requests in one script call, by their weight, so that no call keeps a server busy for long. */
const batchMax = 512;
/** ms after which gathered requests leave although an earlier call is still out: far members would halve the pace. */
const gatherMax = 1;
/** Requests out from which on others gather: with fewer there is nothing to gain by waiting. */
const fewRequests = 2;

/**
 * The requests to one member, in order. With few requests out they leave at the end of the turn; while more are out they
 * gather and leave together: neighbours of one script in one call, as cost is per command and socket write, not per
 * vote. Reads leave after the others of their turn, so that they do not part these.
 */
export class Lane {
  private pending: VoteRequest[] = [];
  private reads: VoteRequest[] = [];
  private requestsOut = 0;
  private isLeaving = false;
  private gatheringSince = 0;
  private isTimed = false;

  constructor(
    private readonly clock: Clock,
    /** Sends one call, all of one script; `onSettled` must be called once it is answered, failed or given up. The list is then its own. */
    private readonly send: (batch: VoteRequest[], onSettled: () => void) => void,
  ) {}

  add(request: VoteRequest): void {
    const isFirst = this.isEmpty;
    if (request.votingScript.isRead) this.reads.push(request);
    else this.pending.push(request);
    if (this.isLeaving) return;
    if (this.requestsOut < fewRequests) return this.leave();
    if (isFirst) this.gatheringSince = this.clock.now();
    this.watch(gatherMax);
  }

  /** Takes back what has not been sent. */
  drain(): VoteRequest[] {
    const drained = [...this.pending, ...this.reads];
    this.pending = [];
    this.reads = [];
    return drained;
  }

  private get isEmpty(): boolean {
    return this.pending.length === 0 && this.reads.length === 0;
  }

  private leave(): void {
    this.isLeaving = true;
    this.clock.afterTurn(this.flush);
  }

  private readonly flush = (): void => {
    this.isLeaving = false;
    const { pending, reads } = this;
    this.pending = [];
    this.reads = [];
    this.sendAll(pending);
    this.sendAll(reads);
  };

  private sendAll(requests: VoteRequest[]): void {
    const { length } = requests;
    for (let start = 0; start < length;) {
      const end = endOfRun(requests, start);
      const batch = end - start === length ? requests : requests.slice(start, end);
      const count = batch.length;
      this.requestsOut += count;
      this.send(batch, () => this.onSettled(count));
      start = end;
    }
  }

  private onSettled(count: number): void {
    this.requestsOut -= count;
    if (this.requestsOut < fewRequests && !this.isEmpty && !this.isLeaving) this.leave();
  }

  /** One timer for whatever gathers: one for each time would cost more than a call. */
  private watch(delay: number): void {
    if (this.isTimed) return;
    this.isTimed = true;
    this.clock.schedule(delay, this.onTimer, true);
  }

  private readonly onTimer = (): void => {
    this.isTimed = false;
    if (this.isEmpty || this.isLeaving) return;
    const left = this.gatheringSince + gatherMax - this.clock.now();
    if (left > 0) this.watch(left);
    else this.flush();
  };
}

/** Where the requests of the same script end that begin at `start`. */
function endOfRun(requests: readonly VoteRequest[], start: number): number {
  const { votingScript } = requests[start]!;
  let end = start;
  let weight = 0;
  do {
    weight += requests[end]!.weight ?? 1;
    end += 1;
  } while (end < requests.length && requests[end]!.votingScript === votingScript && weight < batchMax);
  return end;
}
