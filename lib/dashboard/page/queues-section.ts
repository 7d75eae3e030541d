import type { Listed, QueuePoint, QueueView } from '../wire.js';
import { act, read } from './api.js';
import type { Context } from './context.js';
import { DeadLetters } from './dead-letters.js';
import { button, byId, h, setAttribute, setText } from './dom.js';
import { formatCount, formatDuration, formatRate } from './format.js';
import { Freshness } from './freshness.js';
import { LiveTable, type Column, type LiveCell } from './live-table.js';
import { Notice } from './notice.js';
import { PrefixSearch } from './prefix-search.js';
import { QueuePlots } from './queue-plots.js';

/** ms in which the outcome of an action should be in sight. */
const outcomeMax = 5000;

/** All queues, and one of them closer: its last minutes and its dead letters. */
export class QueuesSection {
  private readonly notice = new Notice();
  /** Why an action did not work; stays until the next one, whatever is read meanwhile. */
  private readonly refusal = new Notice();
  private readonly table: LiveTable<QueueView>;
  private readonly title = h('h3', { id: 'queue-title' });
  private readonly plots = new QueuePlots();
  private readonly letters: DeadLetters;
  private readonly detail: HTMLElement;
  private readonly search: PrefixSearch;
  private readonly freshness: Freshness;
  private selected: string | undefined;
  /** Whether somebody chose it; else it is the one that seems worth it. */
  private isChosen = false;
  /** Actions whose outcome is not in sight yet. */
  private readonly expected = new Set<Expectation>();
  private latest: readonly QueueView[] = [];

  /** @param onSearch called when queues that begin otherwise are to be shown */
  constructor(
    private readonly context: Context,
    onSearch: () => void,
  ) {
    this.search = new PrefixSearch('queues', 'Filter', () => {
      this.clear('Looking …');
      onSearch();
    });
    this.table = new LiveTable('Queues', this.columns(), ({ name }) => name);
    this.letters = new DeadLetters(context);
    this.detail = h(
      'div',
      { class: 'detail', role: 'group', 'aria-labelledby': 'queue-title' },
      this.title,
      this.plots.element,
      this.letters.element,
    );
    this.detail.hidden = true;
    this.freshness = new Freshness(this.notice, [this.table.element, this.title, this.plots.element]);
    byId('queues').append(
      this.search.element,
      this.notice.element,
      this.refusal.element,
      this.table.element,
      this.detail,
    );
  }

  get prefix(): string {
    return this.search.prefix;
  }

  update({ items, hasMore, total, error }: Listed<QueueView>): void {
    if (error !== undefined) {
      this.freshness.expire(error);
      // the members' reasons stand above
      this.letters.expire(error.replace(/:.*/, '.'));
      return;
    }
    this.freshness.renew(
      hasMore
        ? `The first ${items.length} of ${formatCount(total ?? 0)} by name: a longer beginning finds others.`
        : undefined,
    );
    this.latest = items;
    this.selectBusiest();
    this.table.update(items, this.prefix === '' ? 'No queue was used yet.' : 'No queue begins so.');
    this.updateDetail();
    for (const expectation of this.expected) {
      if (items.some(({ name, isPaused }) => name === expectation.name && isPaused === expectation.isPaused)) {
        expectation.settle();
      }
    }
  }

  /** Unless somebody chose one, or is at work on it, a queue in which nothing happens gives way to one with something. */
  private selectBusiest(): void {
    const current = this.latest.find(({ name }) => name === this.selected);
    const stays = current && (this.isChosen || !isIdle(current) || this.detail.contains(document.activeElement));
    if (stays) return;
    const best = busiest(this.latest);
    if (current && (!best || isIdle(best))) return;
    this.isChosen = false;
    this.select(best?.name);
  }

  /** Other ones are to be shown. */
  clear(said = ''): void {
    this.freshness.reset();
    this.refusal.show(undefined);
    this.isChosen = false;
    this.select(undefined);
    this.latest = [];
    this.table.update([], said);
  }

  private select(name: string | undefined): void {
    this.selected = name;
    this.detail.hidden = name === undefined;
    if (name === undefined) return;
    setText(this.title, name);
    this.plots.reset([]);
    void this.readHistory(name);
  }

  private async readHistory(queue: string): Promise<void> {
    const points = await read<QueuePoint[]>('history', { group: this.context.hello.group, queue }).catch(() => []);
    if (queue === this.selected) this.plots.reset(points);
  }

  private updateDetail(): void {
    const queue = this.latest.find(({ name }) => name === this.selected);
    if (!queue) return;
    this.plots.add(queue.point);
    void this.letters.show(queue.name, queue.size.dead);
  }

  /** Resolves when the queue is shown as it should be now, or when that takes too long, as after another's action. */
  private untilSeen(name: string, isPaused: boolean): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        window.clearTimeout(timer);
        this.expected.delete(expectation);
        resolve();
      };
      const timer = window.setTimeout(settle, outcomeMax);
      const expectation = { name, isPaused, settle };
      this.expected.add(expectation);
    });
  }

  private columns(): Column<QueueView>[] {
    const count = (title: string, of: (queue: QueueView) => number): Column<QueueView> => ({
      title,
      className: 'number',
      text: (queue) => formatCount(of(queue)),
    });
    const columns: Column<QueueView>[] = [
      { title: 'Queue', className: 'name code', cell: (queue) => this.nameOf(queue) },
      { title: 'State', className: 'state-cell', cell: stateOf },
      count('Ready', ({ size }) => size.ready),
      count('Delayed', ({ size }) => size.delayed),
      count('Leased', ({ size }) => size.leased),
      { title: 'Dead', className: 'number', cell: deadOf },
      count('Done', ({ size }) => size.done),
      { title: 'Put rate', className: 'number', text: ({ point }) => formatRate(point.putRate) },
      { title: 'Done rate', className: 'number', text: ({ point }) => formatRate(point.doneRate) },
      { title: 'Next waits', className: 'number', text: ({ point }) => ageOf(point) },
    ];
    if (this.context.hello.actions) {
      columns.push({ title: 'Actions', className: 'actions', cell: (queue) => this.switchOf(queue) });
    }
    return columns;
  }

  private nameOf({ name }: QueueView): LiveCell<QueueView> {
    const node = button(name, () => {
      this.isChosen = true;
      this.select(name);
      this.table.update(this.latest, '');
      this.updateDetail();
    });
    node.classList.add('link');
    return { node, update: () => setAttribute(node, 'aria-pressed', String(this.selected === name)) };
  }

  private switchOf(queue: QueueView): LiveCell<QueueView> {
    let current = queue;
    const node = button('', async () => {
      const { name, isPaused } = current;
      const verb = isPaused ? 'resume' : 'pause';
      await this.refusal.during(async () => {
        await act(verb, { group: this.context.hello.group, queue: name });
        this.context.announce(`${name} ${verb}d`);
        // until then the button would offer what was just done
        await this.untilSeen(name, !isPaused);
      });
    });
    return {
      node,
      update: (next) => {
        current = next;
        const label = next.isPaused ? 'Resume' : 'Pause';
        setText(node, label);
        setAttribute(node, 'aria-label', `${label} ${next.name}`);
      },
    };
  }
}

/** What a queue should be seen to be. */
interface Expectation {
  readonly name: string;
  readonly isPaused: boolean;
  settle(): void;
}

function stateOf(): LiveCell<QueueView> {
  const mark = h('span', { 'aria-hidden': 'true' });
  const word = h('span');
  const node = h('span', { class: 'state' }, mark, word);
  return {
    node,
    update: ({ isPaused }) => {
      setText(mark, isPaused ? '‖' : '▸');
      setText(word, isPaused ? 'paused' : 'running');
      setAttribute(node, 'data-state', isPaused ? 'paused' : 'running');
    },
  };
}

function deadOf(): LiveCell<QueueView> {
  const node = h('span');
  return {
    node,
    update: ({ size }) => {
      setText(node, formatCount(size.dead));
      node.classList.toggle('warn', size.dead > 0);
    },
  };
}

function ageOf({ headAge }: QueuePoint): string {
  return headAge === null ? '–' : formatDuration(headAge);
}

/** How much there is to see. */
function weight({ size, point }: QueueView): number {
  return size.dead + point.backlog + (point.putRate ?? 0) + (point.doneRate ?? 0);
}

function isIdle(queue: QueueView): boolean {
  return weight(queue) === 0;
}

/** The one that somebody would want to see first. */
function busiest(queues: readonly QueueView[]): QueueView | undefined {
  return queues.reduce<QueueView | undefined>(
    (best, queue) => (best && weight(best) >= weight(queue) ? best : queue),
    undefined,
  );
}
