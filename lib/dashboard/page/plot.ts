import uPlot from 'uplot';
import { h, setText } from './dom.js';

/** One line of a plot. */
export interface Series {
  readonly label: string;
  /** CSS variable of its colour. */
  readonly color: string;
  readonly format: (value: number | null) => string;
}

/** Values over time: seconds since 1970, then one list for each series; null where nobody looked. */
export type PlotData = readonly [number[], ...(number | null)[][]];

const height = 132;
/** s that are shown at least, and at most. */
const spanMin = 60;
const spanMax = 600;

/** A small plot over the last minutes. Its caption tells the latest values, so that nobody has to see the lines. */
export class Plot {
  readonly element: HTMLElement;
  private readonly area = h('div', { class: 'area', 'aria-hidden': 'true' });
  private readonly values: HTMLElement[];
  private plot: uPlot | undefined;
  private data: PlotData = [[]];

  constructor(
    title: string,
    private readonly series: readonly Series[],
    private readonly formatAxis: (value: number) => string,
  ) {
    this.values = series.map(() => h('b'));
    const legend = series.flatMap(({ label, color }, index) => {
      const swatch = h('i', { 'aria-hidden': 'true' });
      swatch.style.background = `var(${color})`;
      return [h('span', {}, swatch, `${label} `, this.values[index]!)];
    });
    this.element = h('figure', {}, h('figcaption', {}, h('span', { class: 'title' }, title), ...legend), this.area);
    new ResizeObserver(() => this.resize()).observe(this.area);
    // colours are drawn, so they must be drawn anew
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.create());
  }

  update(data: PlotData): void {
    this.data = data;
    const [times, ...lines] = data;
    const last = times.length - 1;
    this.series.forEach(({ format }, index) => setText(this.values[index]!, format(lines[index]?.[last] ?? null)));
    if (this.plot) this.plot.setData(data as uPlot.AlignedData);
    else this.create();
  }

  private create(): void {
    this.plot?.destroy();
    this.plot = undefined;
    const width = this.area.clientWidth;
    if (width === 0) return;
    this.plot = new uPlot(this.options(width), this.data as uPlot.AlignedData, this.area);
  }

  private resize(): void {
    const width = this.area.clientWidth;
    if (this.plot && width > 0) this.plot.setSize({ width, height });
    else this.create();
  }

  private options(width: number): uPlot.Options {
    const style = getComputedStyle(document.documentElement);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color('--muted'),
      grid: { stroke: color('--line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
    };
    return {
      width,
      height,
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 6, 0, 0],
      scales: {
        x: { range: (_, min, max) => [Math.max(max - spanMax, Math.min(min, max - spanMin)), max] },
        y: { range: (_, __, max) => [0, Math.max(1, max * 1.15)] },
      },
      axes: [
        { ...axis, size: 22, space: 70, values: (_, ticks) => ticks.map(timeOf) },
        { ...axis, size: 52, space: 34, values: (_, ticks) => ticks.map(this.formatAxis) },
      ],
      series: [
        {},
        ...this.series.map(({ label, color: variable }, index) => ({
          label,
          stroke: color(variable),
          width: 1.5,
          fill: index === 0 ? `${color(variable)}1f` : undefined,
          points: { show: false },
        })),
      ],
    };
  }
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

function timeOf(seconds: number): string {
  return clock.format(seconds * 1000);
}
