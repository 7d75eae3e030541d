import { deadLettersMax as pageSize, type DeadLetterView, type Listed } from '../wire.js';
import { act, read } from './api.js';
import { confirm } from './confirm.js';
import type { Context } from './context.js';
import { button, h } from './dom.js';
import { formatCount, formatDateTime } from './format.js';
import { Freshness } from './freshness.js';
import { LiveTable, type Column } from './live-table.js';
import { Notice } from './notice.js';

/** The dead letters of the queue that is looked at. */
export class DeadLetters {
  readonly element: HTMLElement;
  private readonly notice = new Notice();
  private readonly table: LiveTable<DeadLetterView>;
  private readonly redriveAll = button('Redrive all', () => this.redrive());
  private readonly previous = button(`Previous ${pageSize}`, () => this.turn(-pageSize), 'Previous dead letters');
  private readonly next = button(`Next ${pageSize}`, () => this.turn(pageSize), 'Next dead letters');
  private queue = '';
  /** How many of the oldest are left out. */
  private offset = 0;
  private readonly freshness: Freshness;
  /** How many there were when they were read; absent until they are. */
  private count: number | undefined;
  /** How many there are of the queue that is looked at. */
  private latestCount = 0;
  private isReading = false;

  constructor(private readonly context: Context) {
    this.table = new LiveTable('Dead letters', this.columns(), ({ id }) => id);
    this.freshness = new Freshness(this.notice, [this.table.element]);
    const buttons = h('span', { class: 'buttons' }, this.previous, this.next);
    const head = h('div', { class: 'row' }, h('h4', {}, 'Dead letters'), buttons);
    if (context.hello.actions) buttons.append(this.redriveAll);
    this.updatePager(false);
    this.element = h('div', {}, head, this.notice.element, this.table.element);
  }

  /** Reads them when it is another queue, or their number has changed. */
  async show(queue: string, count: number): Promise<void> {
    this.latestCount = count;
    this.redriveAll.hidden = count === 0;
    if (this.isReading || (queue === this.queue && count === this.count)) return;
    this.isReading = true;
    try {
      await this.read(queue, count);
    } finally {
      this.isReading = false;
    }
  }

  /** They cannot be read. */
  expire(error: string): void {
    if (this.count === undefined) return;
    this.freshness.expire(error);
    // they are read anew as soon as they can
    this.count = undefined;
  }

  private async read(queue: string, count?: number): Promise<void> {
    if (queue !== this.queue) {
      this.queue = queue;
      this.offset = 0;
      this.table.update([], '');
      this.updatePager(false);
      this.freshness.reset();
    }
    this.count = undefined;
    const isRead = await this.freshness.during(async () => {
      const { items, hasMore } = await this.readPage();
      if (queue !== this.queue) return undefined;
      this.table.update(items, 'There are none.');
      this.updatePager(hasMore);
      return hasMore || this.offset > 0 ? this.rangeOf(items.length) : undefined;
    });
    if (isRead) this.count = count;
  }

  /** The one that is wanted, or the one before when there are none any more. */
  private async readPage(): Promise<Listed<DeadLetterView>> {
    for (;;) {
      const { offset } = this;
      const page = await read<Listed<DeadLetterView>>('dead-letters', { ...this.query(), offset: String(offset) });
      // somebody turned the page meanwhile
      if (offset !== this.offset) continue;
      if (page.items.length > 0 || offset === 0) return page;
      this.offset = Math.max(0, offset - pageSize);
    }
  }

  private rangeOf(shown: number): string {
    const last = this.offset + shown;
    // how many there are comes from another look than those that are shown
    const total = Math.max(last, this.latestCount);
    return `${formatCount(this.offset + 1)} to ${formatCount(last)} of ${formatCount(total)}, the oldest first.`;
  }

  private async turn(by: number): Promise<void> {
    this.offset = Math.max(0, this.offset + by);
    await this.read(this.queue, this.latestCount);
    this.table.element.scrollTop = 0;
  }

  private updatePager(hasMore: boolean): void {
    for (const [control, isOffered] of [
      [this.previous, this.offset > 0],
      [this.next, hasMore],
    ] as const) {
      if (!isOffered && control === document.activeElement) this.table.focus();
      control.hidden = !isOffered;
    }
  }

  private readonly redrive = async (letter?: DeadLetterView): Promise<void> => {
    await this.act('redrive', letter, (count) => `${formatCount(count)} redriven`);
  };

  private readonly remove = async (letter: DeadLetterView): Promise<void> => {
    const question = `Remove the dead letter ${letter.id}? It cannot be brought back.`;
    if (!(await confirm(question, 'Remove'))) return;
    await this.act('remove', letter, (count) => (count === 1 ? 'Dead letter removed' : 'It was gone already'));
  };

  private async act(name: string, letter: DeadLetterView | undefined, said: (count: number) => string): Promise<void> {
    let text: string | undefined;
    await this.notice.during(async () => {
      const { count } = await act(name, letter === undefined ? this.query() : { ...this.query(), id: letter.id });
      text = said(count);
    });
    if (text === undefined) return;
    this.context.announce(text);
    await this.read(this.queue);
  }

  private query(): { group: string; queue: string } {
    return { group: this.context.hello.group, queue: this.queue };
  }

  private columns(): Column<DeadLetterView>[] {
    const { values, actions } = this.context.hello;
    const columns: Column<DeadLetterView>[] = [
      { title: 'Message', className: 'name code', text: ({ id }) => id },
      { title: 'Reason', className: 'reason', text: ({ reason }) => reason || '–' },
      { title: 'Attempts', className: 'number', text: ({ attempts }) => formatCount(attempts) },
      { title: 'Died', text: ({ diedAt }) => formatDateTime(diedAt) },
    ];
    if (values) columns.push({ title: 'Body', className: 'value code', text: bodyOf });
    if (actions) columns.push({ title: 'Actions', className: 'actions', cell: (letter) => this.buttonsOf(letter) });
    return columns;
  }

  private buttonsOf(letter: DeadLetterView): { node: Node; update: (next: DeadLetterView) => void } {
    let current = letter;
    const redrive = button('Redrive', () => this.redrive(current), `Redrive ${letter.id}`);
    const remove = button('Remove', () => this.remove(current), `Remove ${letter.id}`);
    return { node: h('span', { class: 'buttons' }, redrive, remove), update: (next) => (current = next) };
  }
}

function bodyOf({ body }: DeadLetterView): string {
  return body === undefined ? '' : body.text + (body.isCut ? ' …' : '');
}
