import type { EncodedValue } from '../kv/codec.js';
import type { Backoff } from './queue.js';

/** A message as members keep it. */
export interface MessageRecord {
  readonly priority: number;
  /** Empty for none. */
  readonly group: string;
  readonly maxAttempts: number;
  /** Undefined: the consumer's rule. */
  readonly backoff: Backoff | undefined;
  /** Empty for none. */
  readonly callerId: string;
  /** W3C `traceparent` of who put it; empty for none. */
  readonly trace: string;
  readonly body: EncodedValue;
}

/** Characters of a `traceparent`. */
const traceLength = 55;

/** `priority group-length group` for the members' scripts, then what only clients read. */
export function recordText({ priority, group, maxAttempts, backoff, callerId, trace, body }: MessageRecord): string {
  const head = group === '' ? `${priority} 0 ` : `${priority} ${Buffer.byteLength(group)} ${group}`;
  return `${head}${body.kind}${maxAttempts} ${backoffText(backoff, trace)} ${callerId.length} ${callerId}${body.text}`;
}

export function parseRecord(text: string): MessageRecord {
  const [priority, sizeStart] = wordAt(text, 0);
  const groupStart = text.indexOf(' ', sizeStart) + 1;
  const group = groupOfRecord(text);
  const kindAt = groupStart + group.length;
  const [maxAttempts, backoffStart] = wordAt(text, kindAt + 1);
  const [backoff, lengthStart] = wordAt(text, backoffStart);
  const [length, callerStart] = wordAt(text, lengthStart);
  const bodyStart = callerStart + Number(length);
  return {
    priority: Number(priority),
    group,
    maxAttempts: Number(maxAttempts),
    backoff: parseBackoff(backoff),
    callerId: text.slice(callerStart, bodyStart),
    trace: backoff.length > traceLength ? (backoff.split(',')[3] ?? '') : '',
    body: { kind: text[kindAt] as EncodedValue['kind'], text: text.slice(bodyStart) },
  };
}

/** The group that a record names, without reading the rest. */
export function groupOfRecord(text: string): string {
  const [, sizeStart] = wordAt(text, 0);
  const [bytes, start] = wordAt(text, sizeStart);
  return bytes === '0' ? '' : leadingBytes(text, start, Number(bytes));
}

/** The word that starts there, and where the next one does. */
function wordAt(text: string, start: number): [string, number] {
  const end = text.indexOf(' ', start);
  return [text.slice(start, end), end + 1];
}

/** The shortest start of the rest that has so many bytes. */
function leadingBytes(text: string, start: number, bytes: number): string {
  let end = start + Math.ceil(bytes / 3);
  while (Buffer.byteLength(text.slice(start, end)) < bytes) end += 1;
  return text.slice(start, end);
}

/** The trace is a fourth part, so that a record without one reads as it always did. */
function backoffText(backoff: Backoff | undefined, trace: string): string {
  const end = trace === '' ? '' : `,${trace}`;
  if (!backoff) return trace === '' ? '-' : `-,,${end}`;
  const max = backoff.type === 'exponential' ? (backoff.max ?? '') : '';
  return `${backoff.type[0]}${backoff.delay},${max},${backoff.jitter ?? 0}${end}`;
}

function parseBackoff(text: string): Backoff | undefined {
  if (text[0] === '-') return undefined;
  const [delay = '0', max = '', jitter = '0'] = text.slice(1).split(',');
  const common = { delay: Number(delay), jitter: Number(jitter) };
  if (text[0] === 'f') return { type: 'fixed', ...common };
  return { type: 'exponential', ...common, max: max === '' ? undefined : Number(max) };
}
