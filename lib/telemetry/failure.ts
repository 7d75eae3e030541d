import { SpanStatusCode, type Attributes, type Span } from '@opentelemetry/api';
import { isMajorityRedisError } from '../errors.js';
import type { Instrumentation } from './instrumentation.js';
import { attribute } from './names.js';

/** `error.type` of what was thrown: our code, else the name of its class. */
export function errorTypeOf(error: unknown): string {
  if (isMajorityRedisError(error)) return error.code;
  return error instanceof Error ? error.name : '_OTHER';
}

/** Notes on a span that it failed. Without the message, as that may hold keys. */
export function noteFailure(span: Span, error: unknown): Attributes {
  const failure = { [attribute.errorType]: errorTypeOf(error) };
  span.setAttributes(failure);
  // that another has the lock is an answer
  const isAnswer = isMajorityRedisError(error) && error.code === 'LOCK_UNAVAILABLE';
  if (!isAnswer) span.setStatus({ code: SpanStatusCode.ERROR });
  return failure;
}

/** First words of what members say in errors, by what is counted. What begins otherwise is `other`. */
const sayings: Readonly<Record<string, string>> = {
  granted: 'granted',
  accepted: 'granted',
  promised: 'granted',
  held: 'held',
  others: 'held',
  suspect: 'suspect',
  down: 'down',
  rejoining: 'rejoining',
  busy: 'busy',
  no: 'no_answer',
  has: 'no_answer',
  was: 'not_asked',
};

/** Counts what the members said, where an error tells. */
export function countVotes({ group, meters }: Instrumentation, error: unknown): void {
  if (!isMajorityRedisError(error)) return;
  if (error.code !== 'NO_QUORUM' && error.code !== 'LOCK_UNAVAILABLE' && error.code !== 'OUTCOME_UNKNOWN') return;
  for (const { member, said } of error.members) {
    meters.saidAtFailure.add(1, {
      [attribute.group]: group,
      [attribute.member]: member,
      [attribute.said]: sayings[said.split(/\W/, 1)[0]!] ?? 'other',
      [attribute.errorType]: error.code,
    });
  }
}
