import { formatTime } from './format.js';
import type { Notice } from './notice.js';

/** Whether what a section shows is of now. What is not stays in sight, but marked with the time it was seen. */
export class Freshness {
  private seenAt: number | undefined;

  constructor(
    private readonly notice: Notice,
    private readonly marked: readonly HTMLElement[],
  ) {}

  /** What is shown was read just now. */
  renew(): void {
    this.seenAt = Date.now();
    this.mark(false);
  }

  /** It could not be read, and what was read before stays. */
  expire(error: string): void {
    this.notice.show(this.seenAt === undefined ? error : `As of ${formatTime(this.seenAt)}. ${error}`);
    this.mark(this.seenAt !== undefined);
  }

  /** Nothing is shown. */
  reset(): void {
    this.seenAt = undefined;
    this.mark(false);
  }

  private mark(isStale: boolean): void {
    for (const element of this.marked) element.classList.toggle('stale', isStale);
  }
}
