import { ClientProxy } from '@nestjs/microservices';
import type { ReadPacket, WritePacket } from '@nestjs/microservices';
import { InvalidOptionsError } from '../errors.js';
import { show } from '../options/checks.js';
import type { PutReceipt } from '../queue/queue.js';
import type { QueueService } from '../queue/queue.service.js';
import { allowed } from './messages.js';
import { QueueRecord } from './queue-record.js';

/** What `MajorityRedisQueueClient` is made with. */
export interface MajorityRedisQueueClientOptions {
  /** The group's queues; its connection stays the module's. */
  readonly queues: QueueService;
}

/**
 * Puts events into queues: `await lastValueFrom(client.emit('emails', email))` gives the `PutReceipt` once a quorum has
 * the message. As with every Nest client `emit()` sends at once, and who does not subscribe is not told of an error.
 *
 * There is no `send()`: a queue has no replies.
 *
 * @see docs/guides/queue.md#as-a-microservice
 */
export class MajorityRedisQueueClient extends ClientProxy {
  private readonly queues: QueueService;

  constructor({ queues }: MajorityRedisQueueClientOptions) {
    super();
    this.queues = queues;
  }

  /** There is nothing to do: the group is connected by its module. */
  async connect(): Promise<void> {}

  /** There is nothing to do: the group is closed by its module. */
  close(): void {}

  /** The `QueueService`. */
  override unwrap<T>(): T {
    return this.queues as T;
  }

  /** Puts a message into the queue that the pattern names. @throws as `QueueService.put()` does */
  protected override async dispatchEvent<T = PutReceipt>({ pattern, data }: ReadPacket<unknown>): Promise<T> {
    const { body, options } = data instanceof QueueRecord ? data : new QueueRecord(data);
    return (await this.queues.put(pattern as string, body, options)) as T;
  }

  /** Answers with an error: a queue gives no reply. */
  protected override publish({ pattern }: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    callback({ err: new InvalidOptionsError('send()', allowed.send, show(pattern)), isDisposed: true });
    return () => undefined;
  }
}
