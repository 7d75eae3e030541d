import type { GroupEvent, MemberState } from '../quorum/group-status.js';

type MemberEvent = Extract<GroupEvent, { type: 'member' }>;

/**
 * Tells which events of members are worth a line: from the moment a member stops voting until it votes again each of
 * its states is one once, however often it is tried.
 */
export class Outages {
  /** States told since the member voted last, one entry per member that does not vote. */
  private readonly told = new Map<string, Set<MemberState>>();

  /** What the event is: a member's first or repeated vote, a new state of an outage, or nothing new. */
  judge({ member, state }: MemberEvent): 'start' | 'recovery' | 'outage' | 'repetition' {
    if (state === 'voting') return this.told.delete(member) ? 'recovery' : 'start';
    const told = this.told.get(member) ?? new Set();
    if (told.has(state)) return 'repetition';
    this.told.set(member, told.add(state));
    return 'outage';
  }
}
