import { h, setAttribute, setText } from './dom.js';

/** One column: either text, or a cell of its own that is made once a row and kept up to date. */
export type Column<T> = {
  readonly title: string;
  readonly className?: string;
} & (
  | { readonly text: (item: T) => string; readonly hint?: (item: T) => string | undefined }
  | { readonly cell: (item: T) => LiveCell<T> }
);

export interface LiveCell<T> {
  readonly node: Node;
  update(item: T): void;
}

interface Row<T> {
  readonly element: HTMLTableRowElement;
  update(item: T): void;
}

/**
 * A table whose rows come and go. Rows stay the same elements while their item is there, so that focus and selection
 * survive each update. On a narrow screen the style sheet shows rows as cards, hence the roles.
 */
export class LiveTable<T> {
  readonly element: HTMLElement;
  private readonly body = h('tbody', { role: 'rowgroup' });
  private readonly empty = h('p', { class: 'empty' });
  private readonly table: HTMLTableElement;
  private readonly rows = new Map<string, Row<T>>();

  constructor(
    caption: string,
    private readonly columns: readonly Column<T>[],
    private readonly keyOf: (item: T) => string,
  ) {
    const heads = columns.map(({ title, className = '' }) =>
      h('th', { scope: 'col', role: 'columnheader', class: className }, title),
    );
    this.table = h(
      'table',
      { role: 'table' },
      h('caption', { class: 'unseen' }, caption),
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...heads)),
      this.body,
    );
    this.element = h('div', { class: 'table' }, this.table, this.empty);
    this.table.hidden = true;
  }

  /** @param whenEmpty what is said in the place of a table without rows */
  update(items: readonly T[], whenEmpty: string): void {
    const keys = new Set(items.map(this.keyOf));
    for (const [key, { element }] of this.rows) {
      if (keys.has(key)) continue;
      if (element.contains(document.activeElement)) this.moveFocus(element);
      element.remove();
      this.rows.delete(key);
    }
    items.forEach((item, index) => {
      const row = this.rowOf(item);
      row.update(item);
      if (this.body.children[index] !== row.element)
        this.body.insertBefore(row.element, this.body.children[index] ?? null);
    });
    this.table.hidden = items.length === 0;
    this.empty.hidden = items.length > 0;
    setText(this.empty, whenEmpty);
  }

  /** So that the keyboard goes on from here. */
  focus(): void {
    // not before: a browser lets the keyboard scroll a table that has no buttons, unless it has a tabindex below 0
    this.element.tabIndex = -1;
    this.element.focus();
  }

  /** What has the focus goes: the keyboard goes on at the same place of the next row, or else of the table. */
  private moveFocus(row: HTMLElement): void {
    const place = [...row.querySelectorAll('button')].findIndex((button) => button === document.activeElement);
    const next = row.nextElementSibling?.querySelectorAll('button')[place];
    if (next) next.focus();
    else this.focus();
  }

  private rowOf(item: T): Row<T> {
    const key = this.keyOf(item);
    const row = this.rows.get(key) ?? this.createRow(item);
    this.rows.set(key, row);
    return row;
  }

  private createRow(item: T): Row<T> {
    const element = h('tr', { role: 'row' });
    const cells = this.columns.map((column) => {
      const td = h('td', { role: 'cell', class: column.className ?? '', 'data-label': column.title });
      element.append(td);
      if ('text' in column) {
        return (current: T) => {
          const text = column.text(current);
          setText(td, text);
          // a card on a narrow screen leaves out what says nothing
          td.classList.toggle('none', text === '–');
          const hint = column.hint?.(current);
          if (hint !== undefined) setAttribute(td, 'title', hint);
        };
      }
      const { node, update } = column.cell(item);
      td.append(node);
      return update;
    });
    return { element, update: (current) => cells.forEach((update) => update(current)) };
  }
}
