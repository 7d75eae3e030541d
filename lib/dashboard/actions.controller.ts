import { applyDecorators, BadRequestException, Body, HttpCode, Inject, Post } from '@nestjs/common';
import { asBadRequest } from './bad-request.js';
import { GroupFeeds } from './group-feeds.js';
import { messages } from './messages.js';
import { SecurityHeaders } from './security-headers.js';
import type { ActionResult } from './wire.js';

function Action(name: string): MethodDecorator {
  return applyDecorators(Post(`actions/${name}`), HttpCode(200), SecurityHeaders());
}

/** What may be changed. Served behind `ActionsGuard`. */
export class ActionsController {
  constructor(@Inject(GroupFeeds) private readonly feeds: GroupFeeds) {}

  @Action('pause')
  pause(@Body() body: unknown): Promise<ActionResult> {
    const { group, queue } = readBody(body, 'group', 'queue');
    return count(() => this.feeds.connectionOf(group).queues.pause(queue));
  }

  @Action('resume')
  resume(@Body() body: unknown): Promise<ActionResult> {
    const { group, queue } = readBody(body, 'group', 'queue');
    return count(() => this.feeds.connectionOf(group).queues.resume(queue));
  }

  /** One dead letter, or without `id` all of the queue. */
  @Action('redrive')
  redrive(@Body() body: unknown): Promise<ActionResult> {
    const { group, queue } = readBody(body, 'group', 'queue');
    const id = optional(body, 'id');
    return count(() => this.feeds.connectionOf(group).queues.redrive(queue, id === undefined ? undefined : [id]));
  }

  @Action('remove')
  remove(@Body() body: unknown): Promise<ActionResult> {
    const { group, queue, id } = readBody(body, 'group', 'queue', 'id');
    return count(() => this.feeds.connectionOf(group).queues.remove(queue, id));
  }

  /** Only the version that was looked at. */
  @Action('delete-key')
  deleteKey(@Body() body: unknown): Promise<ActionResult> {
    const { group, key, version } = readBody(body, 'group', 'key', 'version');
    return count(() => this.feeds.connectionOf(group).kv.delete(key, { ifVersion: Number(version) }));
  }
}

async function count(work: () => Promise<number | boolean | void>): Promise<ActionResult> {
  const result = await asBadRequest(work);
  return { count: result === undefined ? 1 : Number(result) };
}

/** @throws BadRequestException unless all fields are strings */
function readBody<K extends string>(body: unknown, ...fields: readonly K[]): Record<K, string> {
  const found = fields.map((field) => [field, optional(body, field)] as const);
  if (found.some(([, value]) => value === undefined)) throw new BadRequestException(wrong(fields));
  return Object.fromEntries(found) as Record<K, string>;
}

/** @throws BadRequestException when the field is there and no string */
function optional(body: unknown, field: string): string | undefined {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, field) : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new BadRequestException(wrong([field]));
}

function wrong(fields: readonly string[]): string {
  return messages.wrongBody(`${fields.join(', ')} as text`);
}
