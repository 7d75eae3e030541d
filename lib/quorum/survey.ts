import type { Member } from '../member/member.js';
import type { Connection } from '../member/transport.js';
import type { GroupKeys } from './group-keys.js';
import { partitionsIn } from './partition-space.js';
import type { Standing } from './rejoin-plan.js';
import { preflightScript, surveyScript } from './scripts.js';

/** A reachable member, and the connection through which it was looked at. */
export interface Surveyed {
  readonly member: Member;
  readonly connection: Connection;
  readonly marker: Standing['marker'];
}

/** What a survey needs of its group. */
export interface SurveyContext {
  readonly keys: GroupKeys;
  readonly partitions: number;
  /** The member belongs to clients that split their keys among another number of partitions: it must not be touched. */
  onOthers(member: Member, connection: Connection, partitions: number): void;
}

/** Looks at one member's marker. Undefined when it cannot be reached, or is not ours. */
export async function survey(member: Member, context: SurveyContext): Promise<Surveyed | undefined> {
  const { keys, partitions } = context;
  const { connection } = member;
  if (!connection) return undefined;
  try {
    const answer = await member.call(surveyScript, [keys.marker, keys.ticket], []);
    const [word, marker] = answer as [word: string, marker: string, ticket: string];
    const theirs = partitionsIn(marker);
    if (marker !== '' && theirs !== partitions) {
      context.onOthers(member, connection, theirs);
      return undefined;
    }
    return { member, connection, marker: word === 'VALID' ? 'valid' : word === 'STALE' ? 'stale' : 'none' };
  } catch {
    // a member that does not answer is as good as not there; the member itself tells why
    return undefined;
  }
}

/** What the member lacks to be of use: commands or permissions. Undefined when it lacks nothing. */
export async function preflight(member: Member, keys: GroupKeys, channel: string): Promise<string | undefined> {
  const [word, ...missing] = (await member.call(preflightScript, [keys.marker, keys.scratch], [channel])) as string[];
  return word === 'MISSING' ? missing.join('; ') : undefined;
}

/** Whether the member holds none of our records. @throws Error when it does not answer */
export async function holdsNothing(member: Member, keys: GroupKeys): Promise<boolean> {
  const own = new Set(keys.own.map((key) => member.transport.mapKey(key)));
  for await (const page of member.scan(member.transport.mapKey(keys.pattern()))) {
    if (page.some((key) => !own.has(key))) return false;
  }
  return true;
}
