import type { Clock, Timer } from '../runtime/clock.js';

/** ms for which outages are counted, and after which those that were not told are summed up. */
const period = 60_000;
/** Outages of one subject told in full within that time. */
const toldMax = 3;

interface Row {
  outages: number;
  /** Lines are held back, the last of them is kept. */
  isHeldBack: boolean;
  lastLine: string;
  readonly timer: Timer;
}

/**
 * Bounds the lines about something that comes and goes: a few outages within a minute are told one by one, what follows is
 * summed up once a minute, with its last state, until a minute passes without an outage.
 */
export class Flapping {
  private readonly rows = new Map<string, Row>();

  constructor(
    private readonly clock: Clock,
    private readonly tell: (subject: string, line: string) => void,
  ) {}

  /** @returns whether the line is to be told now */
  admits(subject: string, line: string, isOutage: boolean): boolean {
    let row = this.rows.get(subject);
    if (!row) {
      if (!isOutage) return true;
      row = this.open(subject, false);
    }
    if (isOutage) row.outages += 1;
    row.lastLine = line;
    if (row.isHeldBack) return false;
    if (row.outages <= toldMax) return true;
    row.isHeldBack = true;
    this.tell(
      subject,
      `${subject} comes and goes: ${row.outages} outages within a minute, from now on told once a minute; ${line}`,
    );
    return false;
  }

  /** Whether lines about the subject are held back now. */
  isHeldBack(subject: string): boolean {
    return this.rows.get(subject)?.isHeldBack ?? false;
  }

  close(): void {
    for (const { timer } of this.rows.values()) timer.cancel();
    this.rows.clear();
  }

  private open(subject: string, isHeldBack: boolean): Row {
    const timer = this.clock.schedule(period, () => this.sumUp(subject), true);
    const row: Row = { outages: 0, isHeldBack, lastLine: '', timer };
    this.rows.set(subject, row);
    return row;
  }

  private sumUp(subject: string): void {
    const { outages, isHeldBack, lastLine } = this.rows.get(subject)!;
    this.rows.delete(subject);
    if (!isHeldBack) return;
    if (lastLine !== '')
      this.tell(
        subject,
        `${subject} comes and goes: ${outages} ${outages === 1 ? 'outage' : 'outages'} in the last minute; ${lastLine}`,
      );
    if (outages > 0) this.open(subject, true);
  }
}
