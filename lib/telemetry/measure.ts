import {
  context,
  SpanKind,
  trace,
  type Attributes,
  type Context,
  type Histogram,
  type Link,
  type Span,
} from '@opentelemetry/api';
import { systemClock } from '../runtime/clock.js';
import { countVotes, noteFailure } from './failure.js';
import type { Instrumentation } from './instrumentation.js';

/** One operation that is measured. */
export interface Operation {
  /** Of the span. */
  readonly name: string;
  readonly kind?: SpanKind;
  readonly duration: Histogram;
  /** Attributes of the metric and the span. */
  readonly attributes: Attributes;
  /** Attributes of the span alone. */
  readonly details?: Attributes;
  readonly links?: Link[];
  /** What the span stands in. @default the active one */
  readonly parent?: Context;
}

/**
 * Runs an operation in a span of its own and records how long it took and how it ended.
 *
 * @param onEnd called with the attributes of the metric, `error.type` among them when it failed
 * @returns what it returns
 * @throws what it throws, untouched
 */
export function measure<T>(
  instrumentation: Instrumentation,
  { name, kind = SpanKind.CLIENT, duration, attributes, details, links, parent = context.active() }: Operation,
  run: (span: Span) => Promise<T>,
  onEnd?: (attributes: Attributes) => void,
): Promise<T> {
  const options = { kind, attributes: { ...attributes, ...details }, links };
  const span = instrumentation.tracer.startSpan(name, options, parent);
  const startedAt = systemClock.now();
  const end = (failure: Attributes): void => {
    const ended = { ...attributes, ...failure };
    duration.record((systemClock.now() - startedAt) / 1000, ended);
    span.end();
    onEnd?.(ended);
  };
  const fail = (error: unknown): never => {
    countVotes(instrumentation, error);
    end(noteFailure(span, error));
    throw error;
  };
  let outcome: Promise<T>;
  try {
    outcome = context.with(trace.setSpan(parent, span), () => run(span));
  } catch (error) {
    return fail(error);
  }
  return outcome.then((result) => {
    end({});
    return result;
  }, fail);
}
