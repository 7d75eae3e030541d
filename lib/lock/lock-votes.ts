import type { VotingScript } from '../member/vote-request.js';
import type { Judge } from '../quorum/fan-out.js';
import type { GroupKeys } from '../quorum/group-keys.js';
import { loadVotingScript } from '../quorum/scripts.js';

const votes = loadVotingScript(new URL('./lua/votes.lua', import.meta.url));
const lineVotes = loadVotingScript(new URL('./lua/line_votes.lua', import.meta.url));

/** ms that home keeps a turn for whom it woke. */
export const turnMs = 500;
/** ms that newcomers are sent to the line after somebody was seen waiting. */
export const lineMs = 3000;

/** In place of an inbox channel: the asker does not wait. */
export const noInbox = '-';

/** The batch scripts of locks, with what is the same for all requests of a client. */
export function lockScripts(fenceRetention: number): {
  readonly votes: VotingScript;
  readonly lineVotes: VotingScript;
} {
  const header = [fenceRetention];
  return { votes: { script: votes, header }, lineVotes: { script: lineVotes, header } };
}

/** What one member answered to a request for a grant. */
export type GrantReply =
  | { readonly word: 'GRANTED' }
  | { readonly word: 'HELD'; readonly waitMs: number; readonly refused: readonly number[] }
  | { readonly word: 'LINE'; readonly refused: readonly number[] }
  | { readonly word: 'STALE'; readonly token: number }
  | { readonly word: 'CLOCK'; readonly memberUs: number };

/** @param reply of `acquire` or `acquire_shared`, see their Lua headers */
export function parseGrant(reply: unknown): GrantReply {
  if (reply === 'GRANTED') return { word: 'GRANTED' };
  const [word, first, ...rest] = reply as [string, number | string, ...number[]];
  switch (word) {
    case 'HELD':
      return { word, waitMs: Number(first), refused: rest };
    case 'LINE':
      return { word, refused: [Number(first), ...rest] };
    case 'STALE':
      return { word, token: Number(first) };
    case 'CLOCK':
      return { word, memberUs: Number(first) };
    default:
      throw new Error(`acquire answered ${word}`);
  }
}

/** What home answered to `ask`. */
export type AskReply =
  { readonly word: 'TURN'; readonly token: number } | { readonly word: 'QUEUED' | 'HELD'; readonly waitMs: number };

/** @param reply of `ask`; undefined when home gave none */
export function parseAsk(reply: unknown): AskReply | undefined {
  if (!Array.isArray(reply)) return undefined;
  const [word, number] = reply as [string, string | number];
  if (word === 'TURN') return { word, token: Number(number) };
  return word === 'QUEUED' || word === 'HELD' ? { word, waitMs: Number(number) } : undefined;
}

export const judgeGrant: Judge = (reply) => (reply === 'GRANTED' ? 'grant' : isFailed(reply) ? 'fail' : 'refuse');
export const judgeExtend: Judge = (reply) => (reply === 'EXTENDED' ? 'grant' : isFailed(reply) ? 'fail' : 'refuse');
/** Any answer to a release counts: afterwards the member does not hold it for us. */
export const judgeAnswered: Judge = (reply) => (isFailed(reply) ? 'fail' : 'grant');

function isFailed(reply: unknown): boolean {
  return Array.isArray(reply) && reply[0] === 'FAILED';
}

/** Names of the keys that lock requests take. */
export class LockKeys {
  constructor(private readonly keys: GroupKeys) {}

  /** Records only: what `votes.lua` takes. */
  records(keys: readonly string[]): string[] {
    return keys.map((key) => this.keys.of('lock', key));
  }

  /** Records, lines, reader sets: what `line_votes.lua` takes. */
  all(keys: readonly string[]): string[] {
    return [
      ...this.records(keys),
      ...keys.map((key) => this.keys.of('line', key)),
      ...keys.map((key) => this.keys.of('readers', key)),
    ];
  }
}

/** One request as the batch scripts read it: the number of its locks in front, in two digits. */
export function requestText(keys: readonly string[], text: string): string {
  return `${keys.length < 10 ? '0' : ''}${keys.length} ${text}`;
}

/** A token as the scripts and records have it: 16 digits, so that it stands in fixed columns. */
export function tokenText(token: number): string {
  const text = String(token);
  return text.length === 16 ? text : text.padStart(16, '0');
}
