import type { DeadLetterView, Listed } from '../wire.js';
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
  private queue = '';
  private readonly freshness: Freshness;
  /** How many there were when they were read; absent until they are. */
  private count: number | undefined;
  private isReading = false;

  constructor(private readonly context: Context) {
    this.table = new LiveTable('Dead letters', this.columns(), ({ id }) => id);
    this.freshness = new Freshness(this.notice, [this.table.element]);
    const head = h('div', { class: 'row' }, h('h4', {}, 'Dead letters'));
    if (context.hello.actions) head.append(this.redriveAll);
    this.element = h('div', {}, head, this.notice.element, this.table.element);
  }

  /** Reads them when it is another queue, or their number has changed. */
  async show(queue: string, count: number): Promise<void> {
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
      this.table.update([], '');
      this.freshness.reset();
    }
    this.count = undefined;
    const isRead = await this.freshness.during(async () => {
      const { items, hasMore } = await read<Listed<DeadLetterView>>('dead-letters', this.query());
      if (queue !== this.queue) return undefined;
      this.table.update(items, 'There are none.');
      return hasMore ? `The oldest ${items.length}; there are more.` : undefined;
    });
    if (isRead) this.count = count;
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
