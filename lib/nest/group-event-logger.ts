import { Logger } from '@nestjs/common';
import type { GroupEvent, GroupStatus, MemberState } from '../quorum/group-status.js';
import { defaultGroup } from './tokens.js';

type EventOf<T extends GroupEvent['type']> = Extract<GroupEvent, { type: T }>;

/**
 * Writes a group's events as log lines: `member suspect: redis-3 (no reply in 500 ms)`.
 *
 * Faults are warnings, what needs an operator is an error, recovery is a plain line, progress is debug. From the moment
 * a member stops voting until it votes again each of its states is written once, however often it is tried.
 */
export class GroupEventLogger {
  private readonly logger: Logger;
  /** States written since the member voted last, one entry per member that does not vote. */
  private readonly outages = new Map<string, Set<MemberState>>();

  constructor(group: string) {
    this.logger = new Logger(group === defaultGroup ? 'MajorityRedis' : `MajorityRedis:${group}`);
  }

  /** Writes the state of the group at start. */
  logReady({ voting, groupSize, quorum }: GroupStatus): void {
    this.logger.log(`group ready: ${voting} of ${groupSize} members vote, quorum is ${quorum}`);
  }

  log(event: GroupEvent): void {
    switch (event.type) {
      case 'member':
        return this.logMember(event);
      case 'rejoin':
        return this.logger.debug(`member rejoining: ${event.member} (${event.phase}, ${event.copied} records copied)`);
      case 'group':
        return this.logGroup(event);
      case 'warning':
        return this.logger.warn(`${event.member}: ${event.message}`);
      case 'lock-lost':
        return this.logger.warn(`lock lost: ${event.keys.join(', ')} (token ${event.token}, ${event.reason})`);
    }
  }

  private logMember({ member, state, reason }: EventOf<'member'>): void {
    const line = `member ${state}: ${member}${reason === undefined ? '' : ` (${reason})`}`;
    if (state === 'voting') return this.outages.delete(member) ? this.logger.log(line) : this.logger.debug(line);

    const written = this.outages.get(member) ?? new Set();
    if (written.has(state)) return;
    this.outages.set(member, written.add(state));
    if (state === 'rejoining') this.logger.log(line);
    else this.logger.warn(line);
  }

  private logGroup({ event, detail }: EventOf<'group'>): void {
    const line = `group ${event}: ${detail}`;
    if (event === 'formed') this.logger.log(line);
    else this.logger.error(line);
  }
}
