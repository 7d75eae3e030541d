import { defer, interval, map, merge, of, shareReplay, startWith, throttleTime, type Observable } from 'rxjs';
import type { MajorityRedis } from '../connect.js';
import type { GroupStatus } from '../quorum/group-status.js';
import { systemClock } from '../runtime/clock.js';
import { EventLog } from './event-log.js';
import { poll } from './poll.js';
import { QueueHistory } from './queue-history.js';
import type { Hello, Listed, LockView, LoggedEvent, QueuePoint, QueueView, StreamMessages } from './wire.js';

/** Locks and queues that are shown at most. */
const locksMax = 200;
const queuesMax = 50;
/** ms; changes of members that come closer together are told together. */
const statusPause = 100;
/** Intervals after which a look counts as the first one: nobody watched meanwhile. */
const gapIntervals = 10;

/** A message of a stream with its name. */
export type StreamMessage = {
  [K in keyof StreamMessages]: { readonly type: K; readonly data: StreamMessages[K] };
}[keyof StreamMessages];

/** What the dashboard tells of one group. The members are asked only while somebody watches, once for all. */
export class GroupFeed {
  private readonly log: EventLog;
  private readonly status$: Observable<GroupStatus>;
  private readonly locks$: Observable<Listed<LockView>>;
  private readonly queues$: Observable<Listed<QueueView>>;
  private readonly histories = new Map<string, QueueHistory>();

  constructor(
    readonly connection: MajorityRedis,
    private readonly pause: number,
  ) {
    const { group } = connection;
    this.log = new EventLog(group.events$);
    this.status$ = merge(interval(pause), group.events$).pipe(
      startWith(0),
      throttleTime(statusPause, undefined, { leading: true, trailing: true }),
      map(() => group.status()),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
    this.locks$ = poll(() => this.lookAtLocks(), pause);
    this.queues$ = poll(() => this.lookAtQueues(), pause);
  }

  /** What a viewer is told from now on, beginning with what there is. Completes when the feed is closed. */
  watch(hello: Omit<Hello, 'events'>): Observable<StreamMessage> {
    const first = defer(() => of({ ...hello, events: this.log.events }));
    return merge(
      first.pipe(map((data): StreamMessage => ({ type: 'hello', data }))),
      this.log.added$.pipe(map((data: LoggedEvent): StreamMessage => ({ type: 'event', data }))),
      this.status$.pipe(map((data): StreamMessage => ({ type: 'status', data }))),
      this.locks$.pipe(map((data): StreamMessage => ({ type: 'locks', data }))),
      this.queues$.pipe(map((data): StreamMessage => ({ type: 'queues', data }))),
    );
  }

  /** The last minutes of a queue, as far as somebody watched. */
  historyOf(queue: string): readonly QueuePoint[] {
    return this.histories.get(queue)?.points ?? [];
  }

  close(): void {
    this.log.close();
  }

  private async lookAtLocks(): Promise<Listed<LockView>> {
    const items: LockView[] = [];
    for await (const { key, mode, token, holders, waiting } of this.connection.locks.list()) {
      if (items.length === locksMax) return { items, hasMore: true };
      if (mode !== 'free') items.push({ key, mode, token, holders, waiting });
    }
    items.sort((a, b) => (a.key < b.key ? -1 : 1));
    return { items, hasMore: false };
  }

  private async lookAtQueues(): Promise<Listed<QueueView>> {
    const names = await this.connection.queues.names();
    const shown = names.slice(0, queuesMax);
    for (const name of this.histories.keys()) if (!shown.includes(name)) this.histories.delete(name);
    const items = await Promise.all(shown.map((name) => this.lookAtQueue(name)));
    return { items, hasMore: names.length > queuesMax };
  }

  private async lookAtQueue(name: string): Promise<QueueView> {
    const { queues } = this.connection;
    const [size, headAge, isPaused] = await Promise.all([
      queues.size(name),
      queues.headAge(name),
      queues.isPaused(name),
    ]);
    const history = this.histories.get(name) ?? new QueueHistory(gapIntervals * this.pause);
    this.histories.set(name, history);
    return { name, isPaused, size, point: history.add(Math.floor(systemClock.wallUs() / 1000), size, headAge) };
  }
}
