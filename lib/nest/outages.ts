import type { GroupEvent } from '../quorum/group-status.js';

type MemberEvent = Extract<GroupEvent, { type: 'member' }>;
type RejoinEvent = Extract<GroupEvent, { type: 'rejoin' }>;

/**
 * Tells which events of members are worth a line: from the moment a member stops voting until it votes again each of
 * its states, and each phase of its rejoin, is one once, however often it is tried.
 */
export class Outages {
  /** States told since the member voted last, one entry per member that does not vote. */
  private readonly told = new Map<string, Set<string>>();
  /** Phases of rejoins told since then. */
  private readonly phases = new Map<string, Set<string>>();

  /**
   * What the event is: a member's first or repeated vote, the begin of an outage, a new state of it, or nothing new.
   */
  judge({ member, state }: MemberEvent): 'start' | 'recovery' | 'outage' | 'new-state' | 'repetition' {
    if (state === 'voting') {
      this.phases.delete(member);
      return this.told.delete(member) ? 'recovery' : 'start';
    }
    const isFirst = !this.told.has(member);
    if (!isNew(this.told, member, state)) return 'repetition';
    return isFirst ? 'outage' : 'new-state';
  }

  /** Whether the phase is new; one that counts down seconds, or records, is one phase. */
  isNewPhase({ member, phase }: RejoinEvent): boolean {
    return isNew(this.phases, member, phase.replace(/\d+ s\b/, ''));
  }
}

function isNew(told: Map<string, Set<string>>, member: string, what: string): boolean {
  const before = told.get(member) ?? new Set();
  if (before.has(what)) return false;
  told.set(member, before.add(what));
  return true;
}
