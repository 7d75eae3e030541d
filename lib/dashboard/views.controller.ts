import { Get, Inject, Query, Sse } from '@nestjs/common';
import type { MessageEvent } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { GroupFeeds } from './group-feeds.js';
import { asBadRequest } from './bad-request.js';
import type { ResolvedDashboardOptions } from './resolve-dashboard-options.js';
import { SecurityHeaders } from './security-headers.js';
import { shownValue } from './shown-value.js';
import { dashboardOptions } from './tokens.js';
import { deadLettersMax, type DeadLetterView, type KeyView, type Listed, type QueuePoint } from './wire.js';

/** What the page shows: a stream of what changes by itself, and what somebody asked for. */
export class ViewsController {
  constructor(
    @Inject(GroupFeeds) private readonly feeds: GroupFeeds,
    @Inject(dashboardOptions) private readonly options: ResolvedDashboardOptions,
  ) {}

  @Sse('stream')
  stream(
    @Query('group') group: string | undefined,
    @Query('locks') locks: unknown,
    @Query('queues') queues: unknown,
  ): Observable<MessageEvent> {
    return this.feeds.watch(group, { locks: textOf(locks), queues: textOf(queues) });
  }

  @Get('history')
  @SecurityHeaders()
  history(@Query('group') group: unknown, @Query('queue') queue: unknown): readonly QueuePoint[] {
    return this.feeds.feedOf(group).historyOf(String(queue));
  }

  @Get('dead-letters')
  @SecurityHeaders()
  deadLetters(
    @Query('group') group: unknown,
    @Query('queue') queue: unknown,
    @Query('offset') offset: unknown,
  ): Promise<Listed<DeadLetterView>> {
    const { queues } = this.feeds.connectionOf(group);
    return asBadRequest(async () => {
      const page = { offset: Number(textOf(offset)), limit: deadLettersMax + 1 };
      const letters = await queues.deadLetters(String(queue), page);
      const items = letters.slice(0, deadLettersMax).map(({ id, attempts, reason, diedAt, body }) => ({
        id,
        attempts,
        reason,
        diedAt: diedAt.getTime(),
        body: this.options.values ? shownValue(body) : undefined,
      }));
      return { items, hasMore: letters.length > deadLettersMax };
    });
  }

  @Get('keys')
  @SecurityHeaders()
  keys(@Query('group') group: unknown, @Query('prefix') prefix: unknown): Promise<Listed<KeyView>> {
    const feed = this.feeds.feedOf(group);
    return asBadRequest(() => feed.findKeys(textOf(prefix), this.options.values));
  }
}

/** A part of a query, which may be missing, or there twice. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
