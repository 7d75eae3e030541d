import { parseRecord } from '../../lib/queue/message-record.js';
import type { QueueMember } from './queue-member.js';

/** All keys of one queue on one member, read at once. */
interface Kept {
  readonly records: ReadonlyMap<string, string>;
  readonly states: ReadonlyMap<string, string>;
  readonly heads: ReadonlyMap<string, string>;
  readonly sets: Readonly<Record<(typeof sortedSets)[number], ReadonlySet<string>>>;
  readonly waiting: ReadonlySet<string>;
}

const places = ['ready', 'delayed', 'leased', 'dead'] as const;
const hashes = ['records', 'states', 'heads'] as const;
const sortedSets = [...places, 'seen', 'unknown', 'waiting'] as const;

/**
 * What must be so on any member at any time, whatever was asked of it before: nothing stands in two places, or in none;
 * nothing is left of what is gone; every group can go on.
 *
 * @returns what is wrong, in words
 */
export async function brokenInvariants(member: QueueMember, queue: string): Promise<string[]> {
  const { records, states, heads, sets, waiting } = await readAll(member, queue);
  const wrong: string[] = [];
  const claim = (holds: boolean, what: string): void => void (holds || wrong.push(what));
  const { leased, dead, ready, delayed, seen, unknown } = sets;
  for (const [id, text] of records) {
    const { group } = parseRecord(text);
    const standing = places.filter((place) => sets[place].has(id));
    const isInLine = waiting.has(`${group}\0${id}`);
    const count = standing.length + Number(isInLine);
    // a dead letter may keep the end of a lease that was reported besides
    const isOnce = count === 1 || (count === 2 && dead.has(id) && leased.has(id));
    claim(isOnce, `${id} stands in ${[...standing, ...(isInLine ? ['line'] : [])].join(' and ') || 'no place'}`);
    claim(seen.has(id), `${id} is live and not listed as seen`);
    if (group === '') continue;
    const isHead = heads.get(group) === id;
    claim(!ready.has(id) || isHead, `${id} is ready and not the head of its group`);
    claim(!isInLine || !isHead, `${id} is head of its group and stands in line behind it`);
    claim(!isInLine || heads.has(group), `group ${group} has ${id} in line and no head`);
  }
  for (const id of [...ready, ...delayed]) claim(records.has(id), `${id} has a place and no record`);
  for (const id of [...leased, ...dead]) claim(states.has(id), `${id} is leased or dead and has no state`);
  for (const id of states.keys())
    claim(records.has(id) !== unknown.has(id), `${id} has a state and is not accounted for`);
  for (const id of unknown) claim(states.has(id), `${id} is listed as unknown and has no state`);
  for (const [group, id] of heads) {
    const isUnderWay = ready.has(id) || leased.has(id) || delayed.has(id);
    claim(isUnderWay, `group ${group} waits for ${id}, which is not under way`);
  }
  const groups = new Set([...records.values()].map((text) => parseRecord(text).group));
  for (const entry of waiting) claim(groups.has(entry.split('\0')[0]!), `${entry} waits and is no message`);
  return wrong;
}

async function readAll(member: QueueMember, queue: string): Promise<Kept> {
  const pipeline = member.redis.pipeline();
  for (const kind of hashes) pipeline.hgetall(member.key(queue, kind));
  for (const kind of sortedSets) pipeline.zrange(member.key(queue, kind), '0', '-1');
  const answers = (await pipeline.exec())!.map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
  const [records, states, heads] = answers.slice(0, 3).map((hash) => new Map(Object.entries(hash as object))) as [
    Map<string, string>,
    Map<string, string>,
    Map<string, string>,
  ];
  const sets = sortedSets.map((kind, index) => [kind, new Set(answers[3 + index] as string[])]);
  const all = Object.fromEntries(sets) as Record<(typeof sortedSets)[number], Set<string>>;
  // an entry says group, priority and id
  const waiting = [...all.waiting].map((entry) => `${entry.split('\0')[0]}\0${entry.slice(-25)}`);
  return { records, states, heads, sets: all, waiting: new Set(waiting) };
}
