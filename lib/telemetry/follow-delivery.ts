import { context, SpanKind, trace, type Attributes, type Context } from '@opentelemetry/api';
import type { Delivery } from '../queue/queue.js';
import { systemClock } from '../runtime/clock.js';
import { noteFailure } from './failure.js';
import type { Instrumentation } from './instrumentation.js';
import { measure } from './measure.js';
import { attribute } from './names.js';
import { patch } from './patch.js';
import { queueAttributes } from './queue-attributes.js';
import { linksTo } from './trace-parent.js';

/** What ends a delivery. */
const settlements = ['ack', 'nack', 'reject', 'giveBack'] as const;

/**
 * Begins the span of a delivery's processing, which is linked to the put. It ends when the delivery is settled or lost.
 *
 * @param parent what the span stands in
 * @returns the context in which its handler is to run
 */
export function followDelivery(delivery: Delivery, instrumentation: Instrumentation, parent: Context): Context {
  const { tracer, meters } = instrumentation;
  const { queue, id, attempt } = delivery;
  const attributes = queueAttributes(instrumentation, queue, 'process', 'process');
  const details = { [attribute.messageId]: id, [attribute.attempt]: attempt };
  const options = {
    kind: SpanKind.CONSUMER,
    attributes: { ...attributes, ...details },
    links: linksTo(delivery.trace),
  };
  const span = tracer.startSpan(`process ${queue}`, options, parent);
  const processing = trace.setSpan(parent, span);
  const startedAt = systemClock.now();
  let isOver = false;
  const end = (outcome: string, error: unknown): void => {
    if (isOver) return;
    isOver = true;
    const failure: Attributes = error === undefined ? {} : noteFailure(span, error);
    span.setAttribute(attribute.outcome, outcome);
    meters.process.record((systemClock.now() - startedAt) / 1000, {
      ...attributes,
      ...failure,
      [attribute.outcome]: outcome,
    });
    span.end();
  };
  const { signal } = delivery;
  if (signal.aborted) end('lost', signal.reason);
  else signal.addEventListener('abort', () => end('lost', signal.reason), { once: true });

  const settleable = delivery as unknown as Record<string, (...args: unknown[]) => Promise<void>>;
  let settled: { verb: string; outcome: Promise<void> } | undefined;
  for (const verb of settlements) {
    patch(settleable, verb, (original, ...args) => {
      // what comes after the first settlement asks nobody
      if (settled) return settled.verb === verb ? settled.outcome : original(...args);
      const settlement = {
        name: `${verb} ${queue}`,
        duration: meters.queueOperation,
        attributes: queueAttributes(instrumentation, queue, verb, 'settle'),
        details,
        parent: processing,
      };
      const outcome = measure(instrumentation, settlement, () => {
        const settling = original(...args);
        if (!delivery.isHeld) end(verb, errorOf(verb, args[0]));
        return settling;
      });
      if (!delivery.isHeld) settled = { verb, outcome };
      return outcome;
    });
  }
  patch(settleable, 'extend', (original, ...args) => {
    const attributesOfExtension = queueAttributes(instrumentation, queue, 'extend');
    const extension = {
      name: `extend ${queue}`,
      duration: meters.queueOperation,
      attributes: attributesOfExtension,
      details,
      parent: trace.getSpan(context.active()) ? context.active() : processing,
    };
    return measure(instrumentation, extension, () => original(...args));
  });
  return processing;
}

/** Why a message was not done, where its consumer said so. */
function errorOf(verb: string, given: unknown): unknown {
  if (verb === 'reject') return 'rejected';
  return verb === 'nack' ? ((given as { error?: unknown } | undefined)?.error ?? 'failed') : undefined;
}
