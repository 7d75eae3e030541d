import type { Listed, LockView } from '../wire.js';
import { byId } from './dom.js';
import { formatCount, formatDuration } from './format.js';
import { Freshness } from './freshness.js';
import { LiveTable } from './live-table.js';
import { Notice } from './notice.js';
import { PrefixSearch } from './prefix-search.js';

/** The locks that are held now. */
export class LocksSection {
  private readonly notice = new Notice();
  private readonly table = new LiveTable<LockView>(
    'Locks that are held',
    [
      { title: 'Key', className: 'name code', text: ({ key }) => key },
      { title: 'Mode', text: ({ mode }) => mode },
      {
        title: 'Holder',
        className: 'code',
        text: holderOf,
        hint: ({ holders }) => holders.map(({ holder }) => holder).join(' '),
      },
      { title: 'Token', className: 'number', text: ({ token }) => String(token) },
      { title: 'Left', className: 'number', text: leftOf },
      { title: 'Waiting', className: 'number', text: ({ waiting }) => formatCount(waiting) },
    ],
    ({ key }) => key,
  );
  private readonly search: PrefixSearch;
  private readonly freshness = new Freshness(this.notice, [this.table.element]);

  /** @param onSearch called when locks that begin otherwise are to be shown */
  constructor(onSearch: () => void) {
    this.search = new PrefixSearch('locks', 'Filter', () => {
      this.freshness.reset();
      this.table.update([], 'Looking …');
      onSearch();
    });
    byId('locks').append(this.search.element, this.notice.element, this.table.element);
  }

  get prefix(): string {
    return this.search.prefix;
  }

  update({ items, hasMore, error }: Listed<LockView>): void {
    if (error !== undefined) return this.freshness.expire(error);
    this.freshness.renew(
      hasMore
        ? `The first ${items.length} that were found, and there are more: a longer beginning finds fewer.`
        : undefined,
    );
    this.table.update(items, this.prefix === '' ? 'No lock is held.' : 'No lock that begins so is held.');
  }

  /** Another group is shown. */
  clear(): void {
    this.freshness.reset();
    this.table.update([], '');
  }
}

function holderOf({ holders }: LockView): string {
  const [first] = holders;
  if (!first) return '–';
  return holders.length === 1 ? first.holder.slice(0, 10) : `${holders.length} holders`;
}

function leftOf({ holders }: LockView): string {
  return formatDuration(Math.max(0, ...holders.map(({ remaining }) => remaining)));
}
