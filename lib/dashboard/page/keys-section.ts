import type { KeyView, Listed } from '../wire.js';
import { act, read } from './api.js';
import { confirm } from './confirm.js';
import type { Context } from './context.js';
import { button, byId } from './dom.js';
import { formatCount, formatDateTime, formatDuration, formatTime } from './format.js';
import { Freshness } from './freshness.js';
import { LiveTable, type Column } from './live-table.js';
import { Notice } from './notice.js';
import { PrefixSearch } from './prefix-search.js';

/** Looks up keys of the store that begin with a prefix, when asked to. */
export class KeysSection {
  private readonly notice = new Notice();
  private readonly search = new PrefixSearch('keys', 'Look up', () => {
    void this.lookUp();
  });
  private readonly table: LiveTable<KeyView>;
  private readonly freshness: Freshness;
  /** What was found last; absent until somebody looks up. */
  private found: string | undefined;
  private hasQuorum = true;

  constructor(private readonly context: Context) {
    this.table = new LiveTable('Keys', columnsFor(context, this.remove), ({ key }) => key);
    this.freshness = new Freshness(this.notice, [this.table.element]);
    byId('keys').append(this.search.element, this.notice.element, this.table.element);
    this.clear();
  }

  /** Forgets what was found: another group is shown. */
  clear(): void {
    this.found = undefined;
    this.freshness.reset();
    this.table.update([], 'Nothing is read until you look up.');
  }

  /** What was found is marked while nobody can tell whether it still is so. */
  updateQuorum(hasQuorum: boolean): void {
    if (hasQuorum === this.hasQuorum) return;
    this.hasQuorum = hasQuorum;
    if (this.found === undefined) return;
    if (hasQuorum) this.freshness.restore(this.found);
    else this.freshness.expire('No quorum, so nobody can tell what they are now.');
  }

  private async lookUp(): Promise<void> {
    const { hello, announce } = this.context;
    await this.freshness.during(async () => {
      const query = { group: hello.group, prefix: this.search.prefix };
      const list = await read<Listed<KeyView>>('keys', query);
      this.table.update(list.items, list.searchedFor === undefined ? 'No key begins so.' : 'None was found in time.');
      announce(`${list.items.length} keys found`);
      this.found = noteOf(list);
      return this.found;
    });
  }

  private readonly remove = async ({ key, version }: KeyView): Promise<void> => {
    const { hello, announce } = this.context;
    if (!(await confirm(`Delete the key "${key}"? All instances of the application lose its value.`, 'Delete'))) return;
    let isDone = false;
    await this.notice.during(async () => {
      const { count } = await act('delete-key', { group: hello.group, key, version: String(version) });
      isDone = count === 1;
      return isDone ? undefined : 'The key was changed meanwhile, so it was not deleted.';
    });
    if (!isDone) return;
    announce('Key deleted');
    await this.lookUp();
  };
}

function columnsFor({ hello }: Context, remove: (key: KeyView) => Promise<void>): Column<KeyView>[] {
  const columns: Column<KeyView>[] = [
    { title: 'Key', className: 'name code', text: ({ key }) => key },
    { title: 'Version', className: 'number', text: ({ version }) => String(version) },
    {
      title: 'Ends',
      text: ({ expiresAt }) =>
        expiresAt === null ? 'never' : `in ${formatDuration(Math.max(0, expiresAt - Date.now()))}`,
      hint: ({ expiresAt }) => (expiresAt === null ? undefined : formatDateTime(expiresAt)),
    },
  ];
  if (hello.values) columns.push({ title: 'Value', className: 'value code', text: valueOf });
  if (hello.actions) {
    columns.push({
      title: 'Actions',
      className: 'actions',
      cell: (item) => {
        let current = item;
        const node = button('Delete', () => remove(current), `Delete the key ${item.key}`);
        return { node, update: (next) => (current = next) };
      },
    });
  }
  return columns;
}

/** How many were found, and whether there are more. */
function noteOf({ items, hasMore, searchedFor }: Listed<KeyView>): string {
  const found = `${formatCount(items.length)} ${items.length === 1 ? 'key' : 'keys'} as of ${formatTime(Date.now())}`;
  if (searchedFor !== undefined) {
    const time = formatDuration(searchedFor);
    return `${found}, found in ${time}; not all could be looked through. A key's whole name finds it at once.`;
  }
  return hasMore ? `${found}, and there are more: a longer prefix finds fewer.` : `${found}.`;
}

function valueOf({ value }: KeyView): string {
  return value === undefined ? '' : value.text + (value.isCut ? ' …' : '');
}
