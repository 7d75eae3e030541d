import type { QueuePoint } from '../wire.js';
import { h } from './dom.js';
import { formatCount, formatDuration, formatRate } from './format.js';
import { Plot } from './plot.js';

/** ms between two looks above which the lines are broken: nobody watched meanwhile. */
const gapMin = 15_000;
const pointsMax = 600;

/** How one queue did over the last minutes. */
export class QueuePlots {
  readonly element: HTMLElement;
  private points: QueuePoint[] = [];
  private readonly rates = new Plot(
    'Throughput',
    [
      { label: 'put', color: '--blue', format: formatRate },
      { label: 'done', color: '--green', format: formatRate },
    ],
    (value) => formatCount(Math.round(value * 10) / 10),
  );
  private readonly age = new Plot(
    'Wait of the next message',
    [{ label: 'since put', color: '--amber', format: (ms) => (ms ? formatDuration(ms) : 'none ready') }],
    (ms) => (ms === 0 ? '0' : formatDuration(ms)),
  );
  private readonly backlog = new Plot(
    'Backlog',
    [{ label: 'not done', color: '--blue', format: (count) => (count === null ? '–' : formatCount(count)) }],
    formatCount,
  );

  constructor() {
    this.element = h('div', { class: 'plots' }, this.rates.element, this.age.element, this.backlog.element);
  }

  /** Another queue, with what is known of it. */
  reset(points: readonly QueuePoint[]): void {
    this.points = [...points];
    this.draw();
  }

  add(point: QueuePoint): void {
    if (point.at <= (this.points.at(-1)?.at ?? 0)) return;
    this.points.push(point);
    if (this.points.length > pointsMax) this.points.shift();
    this.draw();
  }

  private draw(): void {
    const shown = this.points.flatMap((point, index) => {
      const before = this.points[index - 1];
      const isAfterGap = before !== undefined && point.at - before.at > gapMin;
      return isAfterGap ? [{ ...nothing, at: before.at + 1 }, point] : [point];
    });
    const times = shown.map(({ at }) => at / 1000);
    this.rates.update([times, shown.map(({ putRate }) => putRate), shown.map(({ doneRate }) => doneRate)]);
    this.age.update([times, shown.map(({ headAge, backlog }) => (backlog === null ? null : (headAge ?? 0)))]);
    this.backlog.update([times, shown.map(({ backlog }) => backlog)]);
  }
}

const nothing = { putRate: null, doneRate: null, headAge: null, backlog: null };
