import type { Listed, LockView } from '../wire.js';
import { byId } from './dom.js';
import { formatCount, formatDuration, formatTime } from './format.js';
import { Freshness } from './freshness.js';
import { LiveTable } from './live-table.js';
import { Notice } from './notice.js';
import { PrefixSearch } from './prefix-search.js';

/** ms since locks were searched for above which that is told. */
const ageMax = 3000;

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
        hint: ({ holders, holderCount }) =>
          [...holders.map(({ holder }) => holder), ...(holderCount > holders.length ? ['…'] : [])].join(' '),
      },
      { title: 'Token', className: 'number', text: ({ token }) => String(token) },
      { title: 'Left', className: 'number', text: ({ remaining }) => formatDuration(remaining) },
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
    this.clear();
  }

  get prefix(): string {
    return this.search.prefix;
  }

  update(list: Listed<LockView>): void {
    if (list.error !== undefined) return this.freshness.expire(list.error);
    this.freshness.renew(noteOf(list));
    this.table.update(list.items, this.prefix === '' ? 'No lock is held.' : 'No lock that begins so is held.');
  }

  /** Another group is shown. */
  clear(): void {
    this.freshness.reset();
    this.table.update([], 'Looking …');
  }
}

function holderOf({ holders, holderCount }: LockView): string {
  const [first] = holders;
  if (!first) return '–';
  return holderCount === 1 ? first.holder.slice(0, 10) : `${formatCount(holderCount)} holders`;
}

/** What is not shown, or not yet. */
function noteOf({ items, hasMore, age = 0 }: Listed<LockView>): string | undefined {
  const more = `The first ${items.length} that were found, and there are more: a longer beginning finds fewer.`;
  const since = `Looking through all keys takes a while here: locks taken since ${formatTime(Date.now() - age)} may be missing.`;
  return [...(hasMore ? [more] : []), ...(age > ageMax ? [since] : [])].join(' ') || undefined;
}
