import { formatTime } from './format.js';
import type { Notice } from './notice.js';

/** Whether what a section shows is of now. What is not stays in sight, but marked with the time it was seen. */
export class Freshness {
  private seenAt: number | undefined;

  constructor(
    private readonly notice: Notice,
    private readonly marked: readonly HTMLElement[],
  ) {}

  /**
   * What is shown was read just now.
   *
   * @param note what is left out, or else worth knowing
   */
  renew(note?: string): void {
    this.seenAt = Date.now();
    this.restore(note);
  }

  /** It could not be read, and what was read before stays. */
  expire(reason: string): void {
    // what each member said stands in the table of members
    const error = reason.replace(/^(No quorum .*? members needed) \(.*/s, '$1.');
    this.notice.show(this.seenAt === undefined ? error : `As of ${formatTime(this.seenAt)}. ${error}`);
    this.mark(this.seenAt !== undefined);
  }

  /** What was read before may be taken for what is, again. */
  restore(note?: string): void {
    this.notice.show(note, false);
    this.mark(false);
  }

  /** Nothing is shown. */
  reset(): void {
    this.seenAt = undefined;
    this.restore();
  }

  /**
   * Reads, and marks what is shown by how that went.
   *
   * @param work resolves with a note for `renew()`
   */
  async during(work: () => Promise<string | undefined>): Promise<boolean> {
    try {
      this.renew(await work());
      return true;
    } catch (error) {
      this.expire(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  private mark(isStale: boolean): void {
    for (const element of this.marked) element.classList.toggle('stale', isStale);
  }
}
