import { Subject, type Observable, type Subscription } from 'rxjs';
import { groupEventLine, isGoodNews } from '../nest/group-event-line.js';
import { Outages } from '../nest/outages.js';
import type { GroupEvent } from '../quorum/group-status.js';
import { systemClock } from '../runtime/clock.js';
import type { LoggedEvent } from './wire.js';

/** Events that are kept. */
const eventsMax = 200;

/** The latest events of a group, also of the time when nobody watches. */
export class EventLog {
  /** Emits each event that is logged from now on. */
  readonly added$: Observable<LoggedEvent>;
  private readonly added = new Subject<LoggedEvent>();
  private readonly kept: LoggedEvent[] = [];
  private readonly outages = new Outages();
  private readonly source: Subscription;
  private count = 0;

  constructor(events: Observable<GroupEvent>) {
    this.added$ = this.added.asObservable();
    this.source = events.subscribe((event) => this.add(event));
  }

  /** The oldest first. */
  get events(): readonly LoggedEvent[] {
    return [...this.kept];
  }

  close(): void {
    this.source.unsubscribe();
    this.added.complete();
  }

  private add(event: GroupEvent): void {
    const level = this.levelOf(event);
    if (level === undefined) return;
    const logged = { id: ++this.count, at: systemClock.wallUs() / 1000, level, text: groupEventLine(event) };
    if (this.kept.push(logged) > eventsMax) this.kept.shift();
    this.added.next(logged);
  }

  /** Undefined for what is no news: the members' table shows the progress of a rejoin. */
  private levelOf(event: GroupEvent): LoggedEvent['level'] | undefined {
    switch (event.type) {
      case 'member':
        return this.levelOfMember(event);
      case 'rejoin':
        return undefined;
      case 'group':
        return isGoodNews(event.event) ? 'good' : 'bad';
      case 'warning':
      case 'lock-lost':
      case 'lease-lost':
        return 'warning';
    }
  }

  private levelOfMember(event: Extract<GroupEvent, { type: 'member' }>): LoggedEvent['level'] | undefined {
    switch (this.outages.judge(event)) {
      case 'start':
      case 'recovery':
        return 'good';
      case 'outage':
      case 'new-state':
        return event.state === 'rejoining' ? 'info' : 'warning';
      case 'repetition':
        return undefined;
    }
  }
}
