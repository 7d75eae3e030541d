import type { QueueSize } from '../queue/queue.js';
import type { QueuePoint } from './wire.js';

/** ms of looks that are kept. */
const span = 600_000;
/** Points kept of one queue, whatever the interval. */
const pointsMax = 600;

/** What was seen of one queue over the last minutes. */
export class QueueHistory {
  private readonly kept: QueuePoint[] = [];
  private last: { readonly at: number; readonly put: number; readonly done: number } | undefined;

  /** @param gapMax ms between two looks above which no rate is told, as nobody watched meanwhile */
  constructor(private readonly gapMax: number) {}

  /** The oldest first. */
  get points(): readonly QueuePoint[] {
    return [...this.kept];
  }

  /** @param at ms since 1970 */
  add(at: number, { ready, delayed, leased, dead, done }: QueueSize, headAge: number | null): QueuePoint {
    const backlog = ready + delayed + leased;
    const put = backlog + dead + done;
    const { last } = this;
    const elapsed = last === undefined ? 0 : at - last.at;
    const isRated = last !== undefined && elapsed > 0 && elapsed <= this.gapMax;
    // members answer one after the other, and removing takes away, so a difference may be below 0
    const rate = (now: number, before: number): number => Math.max(0, (now - before) / (elapsed / 1000));
    const point = {
      at,
      putRate: isRated ? rate(put, last.put) : null,
      doneRate: isRated ? rate(done, last.done) : null,
      headAge,
      backlog,
    };
    this.last = { at, put, done };
    this.kept.push(point);
    while (this.kept.length > pointsMax || this.kept[0]!.at < at - span) this.kept.shift();
    return point;
  }
}
