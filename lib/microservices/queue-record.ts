import type { PutOptions } from '../queue/queue.js';

/** A message with options for `client.emit()`: `emit('emails', new QueueRecord(email, { delay: 60_000 }))`. */
export class QueueRecord<T = unknown> {
  constructor(
    readonly body: T,
    readonly options?: PutOptions,
  ) {}
}
