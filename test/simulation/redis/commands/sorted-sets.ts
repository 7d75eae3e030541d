import type { Bytes } from '../bytes.js';
import { formatNumber, parseBound, parseScore, parseWhole } from '../numbers.js';
import { CommandError, syntaxError, type Reply } from '../reply.js';
import type { LexBound, Scored, SortedSet } from '../sorted-set.js';
import type { CommandContext, CommandTable } from './command.js';

/** Commands on sorted sets. */
export const sortedSetCommands: CommandTable = {
  ZADD: {
    arity: [3, Infinity],
    run({ keyspace }, [key, ...rest]) {
      const isNewOnly = rest[0]?.toUpperCase() === 'NX';
      const pairs = isNewOnly ? rest.slice(1) : rest;
      if (pairs.length % 2 === 1 || pairs.length === 0) throw syntaxError();
      const scores = pairs.filter((_, index) => index % 2 === 0).map(parseScore);
      const { sorted } = keyspace.findOrAdd(key!, 'zset');
      return scores.filter((score, index) => {
        const member = pairs[2 * index + 1]!;
        return !(isNewOnly && sorted.scoreOf(member) !== undefined) && sorted.add(member, score);
      }).length;
    },
  },
  ZREM: {
    arity: [2, Infinity],
    run: (context, [key, ...members]) => remove(context, key!, () => members),
  },
  ZSCORE: {
    arity: [2, 2],
    run(context, [key, member]) {
      const score = find(context, key!)?.scoreOf(member!);
      return score === undefined ? null : formatNumber(score);
    },
  },
  ZMSCORE: {
    arity: [2, Infinity],
    run(context, [key, ...members]) {
      const sorted = find(context, key!);
      return members.map((member) => {
        const score = sorted?.scoreOf(member);
        return score === undefined ? null : formatNumber(score);
      });
    },
  },
  ZCARD: {
    arity: [1, 1],
    run: (context, [key]) => find(context, key!)?.size ?? 0,
  },
  ZCOUNT: {
    arity: [3, 3],
    run(context, [key, min, max]) {
      const bounds = [parseBound(min!), parseBound(max!)] as const;
      return find(context, key!)?.byScore(...bounds).length ?? 0;
    },
  },
  ZRANGE: {
    arity: [3, 4],
    run(context, [key, start, stop, option]) {
      const isWithScores = hasScores(option);
      return flat(byRank(find(context, key!)?.entries ?? [], start!, stop!), isWithScores);
    },
  },
  ZREVRANGE: {
    arity: [3, 4],
    run(context, [key, start, stop, option]) {
      const isWithScores = hasScores(option);
      return flat(byRank([...(find(context, key!)?.entries ?? [])].reverse(), start!, stop!), isWithScores);
    },
  },
  ZRANGEBYSCORE: {
    arity: [3, 7],
    run(context, [key, min, max, ...options]) {
      const bounds = [parseBound(min!), parseBound(max!)] as const;
      const isWithScores = options[0]?.toUpperCase() === 'WITHSCORES';
      const limit = parseLimit(isWithScores ? options.slice(1) : options);
      return flat(limit(find(context, key!)?.byScore(...bounds) ?? []), isWithScores);
    },
  },
  ZRANGEBYLEX: {
    arity: [3, 6],
    run(context, [key, min, max, ...options]) {
      const bounds = [parseLexBound(min!), parseLexBound(max!)] as const;
      const limit = parseLimit(options);
      return flat(limit(find(context, key!)?.byLex(...bounds) ?? []), false);
    },
  },
  ZREMRANGEBYSCORE: {
    arity: [3, 3],
    run(context, [key, min, max]) {
      const bounds = [parseBound(min!), parseBound(max!)] as const;
      return remove(context, key!, (sorted) => names(sorted.byScore(...bounds)));
    },
  },
  ZREMRANGEBYRANK: {
    arity: [3, 3],
    run: (context, [key, start, stop]) =>
      remove(context, key!, (sorted) => names(byRank(sorted.entries, start!, stop!))),
  },
  ZPOPMIN: {
    arity: [1, 2],
    run(context, [key, count = '1']) {
      const wanted = parseWhole(count, () => new CommandError('ERR value is out of range, must be positive'));
      if (wanted < 0) throw new CommandError('ERR value is out of range, must be positive');
      const popped = find(context, key!)?.entries.slice(0, wanted) ?? [];
      remove(context, key!, () => names(popped));
      return flat(popped, true);
    },
  },
};

function find({ keyspace }: CommandContext, key: Bytes): SortedSet | undefined {
  return keyspace.find(key, 'zset')?.sorted;
}

function remove(context: CommandContext, key: Bytes, chosen: (sorted: SortedSet) => readonly Bytes[]): number {
  const sorted = find(context, key);
  const removed = sorted ? chosen(sorted).filter((member) => sorted.remove(member)).length : 0;
  context.keyspace.deleteIfEmpty(key);
  return removed;
}

function names(entries: readonly Scored[]): Bytes[] {
  return entries.map(({ member }) => member);
}

function flat(entries: readonly Scored[], isWithScores: boolean): Reply {
  return entries.flatMap(({ member, score }) => (isWithScores ? [member, formatNumber(score)] : [member]));
}

function byRank(entries: readonly Scored[], start: Bytes, stop: Bytes): readonly Scored[] {
  const [from, to] = [parseWhole(start), parseWhole(stop)];
  const first = from < 0 ? Math.max(0, entries.length + from) : from;
  return entries.slice(first, (to < 0 ? entries.length + to : to) + 1);
}

function hasScores(option: Bytes | undefined): boolean {
  if (option !== undefined && option.toUpperCase() !== 'WITHSCORES') throw syntaxError();
  return option !== undefined;
}

function parseLimit(options: readonly Bytes[]): (entries: readonly Scored[]) => readonly Scored[] {
  const [word, offset, count] = options;
  if (word === undefined) return (entries) => entries;
  if (word.toUpperCase() !== 'LIMIT' || offset === undefined || count === undefined || options.length > 3) {
    throw syntaxError();
  }
  const [from, most] = [parseWhole(offset), parseWhole(count)];
  return (entries) => (from < 0 ? [] : entries.slice(from, most < 0 ? undefined : from + most));
}

function parseLexBound(text: Bytes): LexBound {
  if (text === '-') return { kind: 'min' };
  if (text === '+') return { kind: 'max' };
  if (text.startsWith('[')) return { kind: 'at', member: text.slice(1) };
  if (text.startsWith('(')) return { kind: 'past', member: text.slice(1) };
  throw new CommandError('ERR min or max not valid string range item');
}
