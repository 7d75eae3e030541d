import { inspect, type InspectOptions } from 'node:util';
import type { Observable } from 'rxjs';
import type { DeadLetter, Delivery, MessageState, MessageToPut, PutOptions, PutReceipt, QueueSize } from './queue.js';
import type { ConsumeOptions, DeadLetterPage, GetOptions, PurgeOptions } from './queue-options.js';
import type { QueueService } from './queue.service.js';
import { shownAs } from '../runtime/shown-as.js';

/**
 * One queue of a group, by name and type of its bodies: `queues.of<Email>('emails')`, or injected by
 * `@InjectQueue('emails')`. Its methods are those of `QueueService`. The type is a promise of who puts: nothing checks
 * the bodies that come out.
 *
 * @see docs/guides/queue.md
 */
export class Queue<T = unknown> {
  /** @internal made by `QueueService.of()` */
  constructor(
    private readonly queues: QueueService,
    readonly name: string,
  ) {}

  /** @see QueueService.put */
  put(body: T, options?: PutOptions): Promise<PutReceipt> {
    return this.queues.put(this.name, body, options);
  }

  /** @see QueueService.putAll */
  putAll(messages: readonly MessageToPut<T>[]): Promise<PutReceipt[]> {
    return this.queues.putAll(this.name, messages);
  }

  /** @see QueueService.get */
  get(options?: GetOptions): Promise<Delivery<T>[]> {
    return this.queues.get<T>(this.name, options);
  }

  /** @see QueueService.consume */
  consume(options?: ConsumeOptions): Observable<Delivery<T>> {
    return this.queues.consume<T>(this.name, options);
  }

  /** @see QueueService.size */
  size(): Promise<QueueSize> {
    return this.queues.size(this.name);
  }

  /** @see QueueService.state */
  state(id: string): Promise<MessageState> {
    return this.queues.state(this.name, id);
  }

  /** @see QueueService.remove */
  remove(id: string): Promise<boolean> {
    return this.queues.remove(this.name, id);
  }

  /** @see QueueService.purge */
  purge(options?: PurgeOptions): Promise<number> {
    return this.queues.purge(this.name, options);
  }

  /** @see QueueService.deadLetters */
  deadLetters(page?: DeadLetterPage): Promise<DeadLetter<T>[]> {
    return this.queues.deadLetters<T>(this.name, page);
  }

  /** @see QueueService.redrive */
  redrive(ids?: readonly string[]): Promise<number> {
    return this.queues.redrive(this.name, ids);
  }

  /** @see QueueService.pause */
  pause(): Promise<void> {
    return this.queues.pause(this.name);
  }

  /** @see QueueService.resume */
  resume(): Promise<void> {
    return this.queues.resume(this.name);
  }

  /** @see QueueService.isPaused */
  isPaused(): Promise<boolean> {
    return this.queues.isPaused(this.name);
  }

  /** @internal */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    return shownAs('Queue', { name: this.name }, options);
  }
}
