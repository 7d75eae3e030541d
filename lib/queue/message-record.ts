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
  const { head, kind, length } = parseHead(text);
  return { ...head, body: { kind, text: text.slice(length) } };
}

/** All of a record but its body. */
export type RecordHead = Omit<MessageRecord, 'body'>;

interface ParsedHead {
  readonly head: RecordHead;
  readonly kind: EncodedValue['kind'];
  /** Characters before the body. */
  readonly length: number;
}

/** Reads record after record: the heads of neighbours are mostly alike, and that is read once then. */
export class RecordReader {
  private text = '';
  private parsed: ParsedHead | undefined;

  read(record: string): { readonly head: RecordHead; readonly body: EncodedValue } {
    // a head says how long it is: whatever starts with one has it
    if (!this.parsed || !record.startsWith(this.text)) {
      this.parsed = parseHead(record);
      this.text = record.slice(0, this.parsed.length);
    }
    const { head, kind, length } = this.parsed;
    return { head, body: { kind, text: record.slice(length) } };
  }
}

function parseHead(text: string): ParsedHead {
  const [priority, sizeStart] = wordAt(text, 0);
  const groupStart = text.indexOf(' ', sizeStart) + 1;
  const group = groupOfRecord(text);
  const kindAt = groupStart + group.length;
  const [maxAttempts, backoffStart] = wordAt(text, kindAt + 1);
  const [backoff, lengthStart] = wordAt(text, backoffStart);
  const [callerLength, callerStart] = wordAt(text, lengthStart);
  const length = callerStart + Number(callerLength);
  return {
    head: {
      priority: Number(priority),
      group,
      maxAttempts: Number(maxAttempts),
      backoff: parseBackoff(backoff),
      callerId: text.slice(callerStart, length),
      trace: backoff.length > traceLength ? (backoff.split(',')[3] ?? '') : '',
    },
    kind: text[kindAt] as EncodedValue['kind'],
    length,
  };
}

/** The group that a record names, without reading the rest. */
export function groupOfRecord(text: string): string {
  const sizeStart = text.indexOf(' ') + 1;
  if (text.startsWith('0 ', sizeStart)) return '';
  const [bytes, start] = wordAt(text, sizeStart);
  return leadingBytes(text, start, Number(bytes));
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
