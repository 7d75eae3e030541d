import {
  defer,
  firstValueFrom,
  map,
  merge,
  of,
  shareReplay,
  startWith,
  throttleTime,
  timer,
  type Observable,
} from 'rxjs';
import type { MajorityRedis } from '../connect.js';
import type { GroupStatus } from '../quorum/group-status.js';
import { EventLog } from './event-log.js';
import { findKeys } from './find-keys.js';
import { findLocks, lookAtLocks } from './find-locks.js';
import { Looks } from './looks.js';
import { QueueLooks } from './queue-looks.js';
import { Turns } from './turns.js';
import type { Hello, KeyView, Listed, LockView, LoggedEvent, QueuePoint, QueueView, StreamMessages } from './wire.js';

/** ms; changes of members that come closer together are told together. */
const statusPause = 100;

/** What one viewer wants to see of the locks and queues: those that begin so. */
export interface Prefixes {
  readonly locks: string;
  readonly queues: string;
}

/** A message of a stream with its name. */
export type StreamMessage = {
  [K in keyof StreamMessages]: { readonly type: K; readonly data: StreamMessages[K] };
}[keyof StreamMessages];

/** What the dashboard tells of one group. The members are asked only while somebody watches, once for all. */
export class GroupFeed {
  private readonly log: EventLog;
  private readonly status$: Observable<GroupStatus>;
  private readonly locks: Looks<LockView>;
  private readonly queues: Looks<QueueView>;
  private readonly queueLooks: QueueLooks;
  /** People ask for keys, so there is no rest, but one of them at a time. */
  private readonly keyTurns = new Turns(0);

  constructor(
    readonly connection: MajorityRedis,
    interval: number,
  ) {
    const { group } = connection;
    this.log = new EventLog(group.events$);
    this.status$ = merge(timer(interval, interval), group.events$).pipe(
      startWith(0),
      throttleTime(statusPause, undefined, { leading: true, trailing: true }),
      map(() => withoutParts(group.status())),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
    this.queueLooks = new QueueLooks(connection.queues, interval);
    this.locks = new Looks(
      (prefix, isWanted) => findLocks(connection.locks, prefix, isWanted),
      interval,
      (found) => lookAtLocks(connection.locks, found),
    );
    this.queues = new Looks((prefix) => this.queueLooks.find(prefix), interval);
  }

  /** What a viewer is told from now on, beginning with what there is. Completes when the feed is closed. */
  watch(hello: Omit<Hello, 'events'>, prefixes: Prefixes): Observable<StreamMessage> {
    const first = defer(() => of({ ...hello, events: this.log.events }));
    return merge(
      first.pipe(map((data): StreamMessage => ({ type: 'hello', data }))),
      this.log.added$.pipe(map((data: LoggedEvent): StreamMessage => ({ type: 'event', data }))),
      this.status$.pipe(map((data): StreamMessage => ({ type: 'status', data }))),
      defer(() => this.locks.for(prefixes.locks)).pipe(map((data): StreamMessage => ({ type: 'locks', data }))),
      defer(() => this.queues.for(prefixes.queues)).pipe(map((data): StreamMessage => ({ type: 'queues', data }))),
    );
  }

  /** The last minutes of a queue, as far as somebody watched. */
  historyOf(queue: string): readonly QueuePoint[] {
    return this.queueLooks.historyOf(queue);
  }

  /** The first keys that begin with a prefix. @throws InvalidOptionsError; NoQuorumError */
  findKeys(prefix: string, withValues: boolean): Promise<Listed<KeyView>> {
    return firstValueFrom(this.keyTurns.take(() => findKeys(this.connection.kv, prefix, withValues)));
  }

  close(): void {
    this.log.close();
  }
}

/** The page shows the worst state of each member, so that what each of up to 256 partitions says need not be sent. */
function withoutParts(status: GroupStatus): GroupStatus {
  return { ...status, members: status.members.map((member) => ({ ...member, partitions: undefined })) };
}
