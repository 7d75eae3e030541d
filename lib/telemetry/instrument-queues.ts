import { context, ROOT_CONTEXT, SpanKind, type Attributes, type Span } from '@opentelemetry/api';
import { Observable } from 'rxjs';
import type { Delivery, PutOptions } from '../queue/queue.js';
import type { ConsumeOptions, GetOptions } from '../queue/queue-options.js';
import type { QueueService } from '../queue/queue.service.js';
import { followDelivery } from './follow-delivery.js';
import type { Instrumentation } from './instrumentation.js';
import { measure } from './measure.js';
import { attribute } from './names.js';
import { patch } from './patch.js';
import { queueAttributes } from './queue-attributes.js';
import { formatTraceParent, linksTo } from './trace-parent.js';

/** The methods whose type of bodies does not matter here. */
interface UntypedQueues {
  get(queue: string, options?: GetOptions): Promise<Delivery[]>;
  consume(queue: string, options?: ConsumeOptions): Observable<Delivery>;
}

/** Measures puts, gets and deliveries, and lets each message carry the span of its put. @returns what undoes it */
export function instrumentQueues(queues: QueueService, instrumentation: Instrumentation): () => void {
  const { meters } = instrumentation;
  const untyped: UntypedQueues = queues;
  const operation = (queue: string, name: string, type: 'send' | 'receive') => ({
    name: `${name} ${queue}`,
    kind: type === 'send' ? SpanKind.PRODUCER : SpanKind.CLIENT,
    duration: meters.queueOperation,
    attributes: queueAttributes(instrumentation, queue, name, type),
  });
  const deliver = (delivery: Delivery, parent = context.active()) => {
    meters.consumed.add(1, queueAttributes(instrumentation, delivery.queue, 'receive', 'receive'));
    return followDelivery(delivery, instrumentation, parent);
  };
  const countSent = (count: number, ended: Attributes): void => {
    // what was refused here was not sent
    if (ended[attribute.errorType] !== 'INVALID_OPTIONS') meters.sent.add(count, ended);
  };
  const undo = [
    patch(queues, 'put', (original, queue, body, options) => {
      const put = async (span: Span) => {
        const receipt = await original(queue, body, traced(options, span));
        span.setAttributes({ [attribute.messageId]: receipt.id, [attribute.isDuplicate]: receipt.isDuplicate });
        return receipt;
      };
      return measure(instrumentation, operation(queue, 'put', 'send'), put, (ended) => countSent(1, ended));
    }),
    patch(queues, 'putAll', (original, queue, messages) => {
      const count = Array.isArray(messages) ? messages.length : 0;
      const putAll = { ...operation(queue, 'putAll', 'send'), details: { [attribute.batchCount]: count } };
      const put = (span: Span) =>
        original(
          queue,
          Array.isArray(messages) ? messages.map((message) => message && traced(message, span)!) : messages,
        );
      return measure(instrumentation, putAll, put, (ended) => countSent(count, ended));
    }),
    patch(untyped, 'get', async (original, queue, options) => {
      const deliveries = await measure(instrumentation, operation(queue, 'get', 'receive'), async (span) => {
        const got = await original(queue, options);
        span.setAttribute(attribute.batchCount, got.length);
        for (const { trace } of got) span.addLinks(linksTo(trace));
        return got;
      });
      // in the span of the caller, as the one of the get is over
      for (const delivery of deliveries) deliver(delivery);
      return deliveries;
    }),
    patch(untyped, 'consume', (original, queue, options) => {
      const deliveries = original(queue, options);
      return new Observable<Delivery>((subscriber) =>
        deliveries.subscribe({
          next: (delivery) => context.with(deliver(delivery, ROOT_CONTEXT), () => subscriber.next(delivery)),
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    }),
  ];
  return () => undo.forEach((one) => one());
}

/**
 * The same options, with the span that their message is put in. Not with an id of the caller's: put again, it has to be
 * the same message, which it would not be with another span.
 */
function traced<T extends PutOptions>(options: T | undefined, span: Span): T | undefined {
  const trace = formatTraceParent(span.spanContext());
  if (trace === undefined || options?.id !== undefined) return options;
  // what is no object is refused as if nobody were here
  if (options === null || (options !== undefined && typeof options !== 'object')) return options;
  return { trace, ...options } as T;
}
