import type { EncodedValue } from './codec.js';

/** What a register holds besides ballots. */
export interface Content {
  /** Absent: a tombstone. */
  readonly value: EncodedValue | undefined;
  /** Wall clock, ms: a value's end, or when a tombstone may go; 0 for never. */
  readonly due: number;
  /** The highest fencing token of a guarded write; 0 when there was none. */
  readonly token: number;
}

/** A register as it was accepted under a ballot. */
export interface Accepted extends Content {
  /** 0 when nothing was accepted. */
  readonly ballot: number;
  /** Ballot of the change that made this content; what is passed on under a later ballot keeps it. */
  readonly version: number;
  /** Versions before this one, newest first, as far back as anybody may still ask. */
  readonly history: readonly number[];
}

export const nothing: Accepted = { ballot: 0, version: 0, history: [], value: undefined, due: 0, token: 0 };

/** Versions that a register remembers at most. */
export const historyMax = 128;
/** µs that versions are remembered. The same for all clients: who looks for a version relies on what others kept. */
export const historyUs = 10_000_000;
/** ms a tombstone stays at least: longer than any change is tried, so that a version cannot get lost with it. */
export const tombstoneMin = 20_000;
/** `maxOperationTime`s that a promise lasts for a key without a record; an accept may use it during the first one. */
export const promiseSpans = 4;
/** ms a change may be tried at most. */
export const timeoutMax = 10_000;

/** The versions before a change with this ballot. */
export function historyBefore(base: Accepted, ballot: number): readonly number[] {
  if (base.version === 0) return [];
  return recent([base.version, ...base.history], ballot);
}

/**
 * The same for a change that goes on from this client's last one. A version that it made itself it knows to be applied,
 * and nobody else ever looks for it, so it is left out; one that it only passed on may still be looked for.
 *
 * @param base accepted under a ballot of this client; made by it when the version is that ballot
 */
export function historyAfterOwn(base: Accepted, ballot: number): readonly number[] {
  return base.version === base.ballot ? recent(base.history, ballot) : historyBefore(base, ballot);
}

function recent(versions: readonly number[], ballot: number): readonly number[] {
  if (versions.length === 0) return versions;
  return versions.filter((version) => version > ballot - historyUs).slice(0, historyMax);
}

/** Whether a value's end has come. */
export function isExpired({ value, due }: Content, nowMs: number): boolean {
  return value !== undefined && due !== 0 && due <= nowMs;
}

/** A ballot in 16 digits, as scripts and records have it. */
export function ballotText(ballot: number): string {
  const text = String(ballot);
  return text.length === 16 ? text : text.padStart(16, '0');
}

const never = '0'.repeat(13);

/** Due and state as records have them: `due (13) kind version . token . history | value`, numbers in base 36. */
export function contentText(content: Content, version: number | undefined, history: readonly number[]): string {
  const { value, due, token } = content;
  const numbers = `${base36(version ?? 0)}.${base36(token)}.${history.map(base36).join()}`;
  return `${due === 0 ? never : String(due).padStart(13, '0')}${value?.kind ?? 'T'}${numbers}|${value?.text ?? ''}`;
}

/** @param text accepted ballot (16), due (13), state: what members tell of a record; empty when there is none */
export function parseAccepted(text: string): Accepted {
  const ballot = Number(text.slice(0, 16));
  if (ballot === 0) return nothing;
  const end = text.indexOf('|', 30);
  const [version = '', token = '', history = ''] = text.slice(30, end).split('.');
  const kind = text[29] as EncodedValue['kind'] | 'T';
  return {
    ballot,
    version: version === '' ? ballot : parseInt(version, 36),
    token: token === '' ? 0 : parseInt(token, 36),
    history: history === '' ? [] : history.split(',').map((number) => parseInt(number, 36)),
    due: Number(text.slice(16, 29)),
    value: kind === 'T' ? undefined : { kind, text: text.slice(end + 1) },
  };
}

function base36(number: number): string {
  return number === 0 ? '' : number.toString(36);
}
