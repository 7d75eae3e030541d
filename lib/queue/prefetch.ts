import type { Clock } from '../runtime/clock.js';

/** ms of work that are leased ahead at least, and as rounds of leasing. */
const horizonMin = 10;
const roundsAhead = 2;
/** Messages that are leased ahead at most, where the consumer does not say how many. */
const automaticMax = 256;
/** ms without an end after which handlers are slow, whatever they were before. */
const quickMax = 100;

/**
 * How many messages a consumer leases ahead. Left to itself: as many as its handlers end while a round of leasing may
 * take, so that handlers which are done at once do not wait for members, and slow ones keep nothing from other consumers.
 */
export class Prefetch {
  /** Messages ended per ms, smoothed. */
  private rate = 0;
  private ended = 0;
  private measuredAt: number;
  /** ms that a round takes, smoothed. */
  private roundMs = 0;
  private depth: number;
  private lastEnd: number;

  constructor(
    private readonly clock: Clock,
    /** Undefined: left to itself. */
    private readonly fixed: number | undefined,
  ) {
    this.measuredAt = clock.now();
    this.lastEnd = clock.now();
    this.depth = fixed ?? 0;
  }

  /** Messages that may be leased ahead of those that are out. */
  get count(): number {
    if (this.fixed === undefined && this.clock.now() - this.lastEnd > Math.max(quickMax, this.horizon)) return 0;
    return this.depth;
  }

  /** Messages beyond this that have waited long are given back. */
  get keptMax(): number {
    return this.fixed ?? 0;
  }

  /** A message was settled or lost. */
  noteEnded(): void {
    this.ended += 1;
    this.lastEnd = this.clock.now();
  }

  /** ms of work that are leased ahead. */
  get horizon(): number {
    return Math.max(horizonMin, roundsAhead * this.roundMs);
  }

  /** After a round of leasing. @param askedAt `clock.now()` before it */
  adapt(askedAt: number): void {
    if (this.fixed !== undefined) return;
    const now = this.clock.now();
    this.roundMs += (now - askedAt - this.roundMs) / 4;
    const elapsed = now - this.measuredAt;
    // a shorter time tells too little
    if (elapsed < 1) return;
    // what was measured over much more than the horizon alone counts
    this.rate += (this.ended / elapsed - this.rate) * (1 - Math.exp(-elapsed / this.horizon));
    this.ended = 0;
    this.measuredAt = now;
    this.depth = Math.min(automaticMax, Math.round(this.rate * this.horizon));
  }
}
