import type { Bytes } from '../bytes.js';
import { parseWhole } from '../numbers.js';
import { CommandError, syntaxError } from '../reply.js';

/** What SCAN and HSCAN were asked for. */
export interface PageRequest {
  readonly cursor: number;
  readonly count: number;
  readonly matches: (name: Bytes) => boolean;
}

const countDefault = 10;

/** @throws CommandError */
export function parsePage(cursor: Bytes, options: readonly Bytes[]): PageRequest {
  let count = countDefault;
  let matches: PageRequest['matches'] = () => true;
  for (let i = 0; i < options.length; i += 2) {
    const value = options[i + 1];
    if (value === undefined) throw syntaxError();
    if (options[i]!.toUpperCase() === 'COUNT') count = parseWhole(value);
    else if (options[i]!.toUpperCase() === 'MATCH') matches = globMatcher(value);
    else throw syntaxError();
  }
  if (count < 1) throw syntaxError();
  return { cursor: parseWhole(cursor, () => new CommandError('ERR invalid cursor')), count, matches };
}

/**
 * One page in the order of a hash: a name that is there all the time comes, whatever is added or removed meanwhile, as
 * with the real cursors.
 */
export function pageOf(
  names: readonly Bytes[],
  { cursor, count, matches }: PageRequest,
): { readonly next: string; readonly found: Bytes[] } {
  const left = names
    .map((name) => ({ name, place: placeOf(name) }))
    .filter(({ place }) => place >= cursor)
    .sort((a, b) => a.place - b.place || (a.name < b.name ? -1 : 1));
  let end = Math.min(count, left.length);
  while (end < left.length && left[end]!.place === left[end - 1]!.place) end += 1;
  const found = left.slice(0, end).map(({ name }) => name);
  return { next: end === left.length ? '0' : String(left[end]!.place), found: found.filter(matches) };
}

/** 1 to 2^32. */
function placeOf(name: Bytes): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) + 1;
}

/** Redis' glob patterns: `*`, `?`, `[…]`, and `\` before a character that stands for itself. */
function globMatcher(pattern: Bytes): (name: Bytes) => boolean {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    const classEnd = char === '[' ? pattern.indexOf(']', i) : -1;
    if (char === '*') source += '[^]*';
    else if (char === '?') source += '[^]';
    else if (classEnd > 0) {
      source += pattern.slice(i, classEnd + 1);
      i = classEnd;
    } else {
      if (char === '\\' && i + 1 < pattern.length) i += 1;
      source += pattern[i]!.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    }
  }
  const expression = new RegExp(`^${source}$`);
  return (name) => expression.test(name);
}
