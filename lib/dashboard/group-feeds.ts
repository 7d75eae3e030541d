import { Inject, Injectable, NotFoundException } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { EMPTY, firstValueFrom, Subject, takeUntil, timer, type Observable } from 'rxjs';
import type { MajorityRedis } from '../connect.js';
import { InvalidOptionsError } from '../errors.js';
import { GroupRegistry } from '../nest/group.registry.js';
import { show } from '../options/checks.js';
import { GroupFeed, type Prefixes, type StreamMessage } from './group-feed.js';
import { messages } from './messages.js';
import type { ResolvedDashboardOptions } from './resolve-dashboard-options.js';
import { dashboardOptions } from './tokens.js';

/** ms in which a stream that has ended is written out. */
const restMs = 50;

/** The groups that the dashboard shows, each with its feed. */
@Injectable()
export class GroupFeeds implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly feeds = new Map<string, GroupFeed>();
  private readonly closing = new Subject<void>();
  private isClosed = false;

  constructor(
    @Inject(dashboardOptions) private readonly options: ResolvedDashboardOptions,
    private readonly registry: GroupRegistry,
  ) {}

  /** @throws InvalidOptionsError when one of the option's `groups` is none of the application's */
  async onApplicationBootstrap(): Promise<void> {
    for (const name of this.options.groups ?? this.registry.names) {
      const connection = await this.registry.get(name);
      if (!connection) throw new InvalidOptionsError('groups', 'names of groups of this application', show(name));
      this.feeds.set(name, new GroupFeed(connection, this.options.interval));
    }
  }

  /**
   * Ends all streams first of all, and lets their connections come to rest: a server that closes waits for those that are
   * in use at that moment.
   */
  async onModuleDestroy(): Promise<void> {
    this.isClosed = true;
    const wereWatched = this.closing.observed;
    this.closing.next();
    for (const feed of this.feeds.values()) feed.close();
    if (wereWatched) await firstValueFrom(timer(restMs));
  }

  /** @param name of a group; the first one when left out. @throws NotFoundException */
  watch(name: string | undefined, prefixes: Prefixes): Observable<StreamMessage> {
    if (this.isClosed) return EMPTY;
    const groups = [...this.feeds.keys()];
    const group = name ?? groups[0] ?? '';
    const { actions, values, interval } = this.options;
    return this.feedOf(group)
      .watch({ group, groups, actions, values, interval }, prefixes)
      .pipe(takeUntil(this.closing));
  }

  /** @throws NotFoundException */
  feedOf(name: unknown): GroupFeed {
    const feed = typeof name === 'string' ? this.feeds.get(name) : undefined;
    if (!feed) throw new NotFoundException(messages.unknownGroup(String(name)));
    return feed;
  }

  /** @throws NotFoundException */
  connectionOf(name: unknown): MajorityRedis {
    return this.feedOf(name).connection;
  }
}
