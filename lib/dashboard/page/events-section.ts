import type { LoggedEvent } from '../wire.js';
import { byId, h } from './dom.js';
import { formatDateTime, formatTime } from './format.js';

/** Lines that are shown. */
const linesMax = 200;
const words = { good: 'ok', info: 'note', warning: 'warning', bad: 'fault' } as const;

/** What happened lately, the latest first. */
export class EventsSection {
  private readonly list = h('ol', { class: 'log', 'aria-label': 'Events, the latest first' });
  private readonly empty = h('p', { class: 'empty' }, 'Nothing has happened yet.');

  constructor() {
    byId('events').append(this.list, this.empty);
    this.list.hidden = true;
  }

  reset(events: readonly LoggedEvent[]): void {
    this.list.replaceChildren();
    for (const event of events) this.add(event);
    this.empty.hidden = events.length > 0;
    this.list.hidden = events.length === 0;
  }

  add({ at, level, text }: LoggedEvent): void {
    const time = h('time', { datetime: new Date(at).toISOString(), title: formatDateTime(at) }, formatTime(at));
    const line = h(
      'li',
      { 'data-level': level },
      time,
      h('span', { class: 'level' }, words[level]),
      h('span', {}, text),
    );
    this.list.prepend(line);
    while (this.list.childElementCount > linesMax) this.list.lastElementChild?.remove();
    this.empty.hidden = true;
    this.list.hidden = false;
  }
}
