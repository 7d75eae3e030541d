import type { Clock } from '../runtime/clock.js';
import type { VoteRequest } from './vote-request.js';

/** Most requests in one script call, by their weight, so that no call keeps a server busy for long. */
const batchMax = 512;
/** ms after which gathered requests leave although an earlier call is still out: far members would halve the pace. */
const gatherMax = 1;

/**
 * The requests to one member, in order. With no call out they leave at the end of the turn; while one is out they gather
 * and leave together: neighbours of one script in one call, as cost is per command and socket write, not per vote.
 */
export class Lane {
  private pending: VoteRequest[] = [];
  private callsOut = 0;
  private isDue = false;

  constructor(
    private readonly clock: Clock,
    /** Sends one call, all of one script; `onSettled` must be called once it is answered, failed or given up. */
    private readonly send: (batch: readonly VoteRequest[], onSettled: () => void) => void,
  ) {}

  add(request: VoteRequest): void {
    this.pending.push(request);
    if (this.isDue) return;
    this.isDue = true;
    if (this.callsOut === 0) this.clock.afterTurn(this.flush);
    else this.clock.schedule(gatherMax, this.flush, true);
  }

  /** Takes back what has not been sent. */
  drain(): readonly VoteRequest[] {
    const drained = this.pending;
    this.pending = [];
    return drained;
  }

  private readonly flush = (): void => {
    this.isDue = false;
    const { pending } = this;
    this.pending = [];
    for (let start = 0; start < pending.length;) {
      const end = endOfRun(pending, start);
      this.callsOut += 1;
      this.send(end - start === pending.length ? pending : pending.slice(start, end), this.onSettled);
      start = end;
    }
  };

  private readonly onSettled = (): void => {
    this.callsOut -= 1;
    if (this.callsOut === 0 && this.pending.length > 0) this.clock.afterTurn(this.flush);
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
