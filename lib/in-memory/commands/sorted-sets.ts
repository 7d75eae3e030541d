import type { Keyspace } from '../keyspace.js';
import { SortedSet, type Scored } from '../sorted-set.js';
import { CommandError, refuseRest, whole, type Command, type Reply } from './command.js';

export const sortedSetCommands = {
  ZADD(keys, [key, ...rest]) {
    const [option] = rest[0]?.match(/^[NX]X$/i) ?? [];
    const pairs = option ? rest.slice(1) : rest;
    if (pairs.length === 0 || pairs.length % 2 > 0) throw new CommandError('ERR syntax error');
    const given = Array.from({ length: pairs.length / 2 }, (_, i): Scored => [
      pairs[2 * i + 1]!,
      scoreOf(pairs[2 * i]!),
    ]);
    return keys.change(key!, 'sorted set', (set) => {
      const isThere = ([member]: Scored): boolean => set.score(member) !== undefined;
      const wanted = option?.toUpperCase();
      const scored = given.filter((one) => !wanted || isThere(one) === (wanted === 'XX'));
      return scored.filter(([member, score]) => set.add(member, score)).length;
    });
  },
  ZREM: (keys, [key, ...members]) =>
    keys.change(key!, 'sorted set', (set) => members.filter((member) => set.remove(member)).length),
  ZSCORE: (keys, [key, member]) => scoreReply(read(keys, key).score(member!)),
  ZMSCORE(keys, [key, ...members]) {
    const set = read(keys, key);
    return members.map((member) => scoreReply(set.score(member)));
  },
  ZCARD: (keys, [key]) => read(keys, key).size,
  ZCOUNT: (keys, [key, from, to]) => between(read(keys, key), from!, to!).length,
  ZRANGE: (keys, [key, from, to, ...options]) => listed(read(keys, key).range(whole(from), whole(to)), options),
  ZREVRANGE(keys, [key, from, to, ...options]) {
    // ranks count from the other end
    return listed(
      read(keys, key)
        .range(-1 - whole(to), -1 - whole(from))
        .toReversed(),
      options,
    );
  },
  ZRANGEBYSCORE: (keys, [key, from, to, ...options]) => limited(between(read(keys, key), from!, to!), options),
  ZRANGEBYLEX: (keys, [key, from, to, ...options]) =>
    limited(
      read(keys, key)
        .all()
        .filter(([member]) => isAbove(member, from!) && isBelow(member, to!)),
      options,
    ),
  ZREMRANGEBYSCORE: (keys, [key, from, to]) => removeAll(keys, key!, (set) => between(set, from!, to!)),
  ZREMRANGEBYRANK: (keys, [key, from, to]) => removeAll(keys, key!, (set) => set.range(whole(from), whole(to))),
  ZPOPMIN(keys, [key, count = '1']) {
    return keys.change(key!, 'sorted set', (set) => {
      const popped = set.all().slice(0, whole(count));
      for (const [member] of popped) set.remove(member);
      return listed(popped, ['WITHSCORES']);
    });
  },
} satisfies Record<string, Command>;

function read(keys: Keyspace, key: string | undefined): SortedSet {
  return keys.read(key!, 'sorted set') ?? new SortedSet();
}

function removeAll(keys: Keyspace, key: string, chosen: (set: SortedSet) => readonly Scored[]): number {
  return keys.change(key, 'sorted set', (set) => {
    const members = chosen(set);
    for (const [member] of members) set.remove(member);
    return members.length;
  });
}

function between(set: SortedSet, from: string, to: string): Scored[] {
  const [low, isLowOut] = bound(from);
  const [high, isHighOut] = bound(to);
  return set
    .all()
    .filter(([, score]) => (isLowOut ? score > low : score >= low) && (isHighOut ? score < high : score <= high));
}

/** A limit of scores: `5`, `(5` for without it, `-inf`, `+inf`. */
function bound(text: string): [score: number, isOut: boolean] {
  return text.startsWith('(') ? [scoreOf(text.slice(1)), true] : [scoreOf(text), false];
}

function scoreOf(text: string): number {
  if (/^[-+]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) throw new CommandError('ERR value is not a valid float');
  return Number(text);
}

function scoreReply(score: number | undefined): Reply {
  return score === undefined ? null : scoreText(score);
}

function scoreText(score: number): string {
  return Number.isFinite(score) ? String(score) : score > 0 ? 'inf' : '-inf';
}

function isAbove(member: string, limit: string): boolean {
  if (limit === '-' || limit === '+') return limit === '-';
  return limit.startsWith('[') ? member >= limit.slice(1) : member > limit.slice(1);
}

function isBelow(member: string, limit: string): boolean {
  if (limit === '-' || limit === '+') return limit === '+';
  return limit.startsWith('[') ? member <= limit.slice(1) : member < limit.slice(1);
}

function limited(members: readonly Scored[], options: readonly string[]): Reply {
  if (options.length === 0) return listed(members, []);
  const [word, offset, count] = options;
  if (word!.toUpperCase() !== 'LIMIT' || options.length !== 3) refuseRest(options);
  const start = whole(offset);
  const most = whole(count);
  return listed(members.slice(start, most < 0 ? undefined : start + most), []);
}

function listed(members: readonly Scored[], options: readonly string[]): Reply {
  const [option, ...rest] = options;
  refuseRest(option === undefined || option.toUpperCase() === 'WITHSCORES' ? rest : options);
  return members.flatMap(([member, score]) => (option === undefined ? [member] : [member, scoreText(score)]));
}
