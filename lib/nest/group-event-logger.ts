import { Logger } from '@nestjs/common';
import type { GroupEvent, GroupStatus } from '../quorum/group-status.js';
import type { Clock } from '../runtime/clock.js';
import { systemClock } from '../runtime/clock.js';
import { Flapping } from './flapping.js';
import { groupEventLine, isGoodNews } from './group-event-line.js';
import { Outages } from './outages.js';
import { defaultGroup } from './tokens.js';

/** The subject of its being lost and regained. */
const quorum = 'quorum';

/**
 * Writes a group's events as log lines: `member suspect: redis-3 (no reply in 500 ms)`.
 *
 * Faults are warnings, what needs an operator is an error, recovery is a plain line, progress is debug. What happens to
 * a member is not repeated while it stays down; what comes and goes, a member or the quorum, is summed up once a minute.
 */
export class GroupEventLogger {
  private readonly logger: Logger;
  private readonly outages = new Outages();
  private readonly flapping: Flapping;

  constructor(group: string, clock: Clock = systemClock) {
    this.flapping = new Flapping(clock, (subject, line) =>
      subject === quorum ? this.logger.error(line) : this.logger.warn(line),
    );
    this.logger = new Logger(group === defaultGroup ? 'MajorityRedis' : `MajorityRedis:${group}`);
  }

  /** Writes the state of the group at start. */
  logReady({ voting, groupSize, quorum }: GroupStatus): void {
    this.logger.log(`group ready: ${voting} of ${groupSize} members vote, quorum is ${quorum}`);
  }

  log(event: GroupEvent): void {
    const line = groupEventLine(event);
    switch (event.type) {
      case 'member':
        return this.logMember(event, line);
      case 'rejoin':
        if (this.outages.isNewPhase(event) && !this.flapping.isHeldBack(memberOf(event))) this.logger.debug(line);
        return;
      case 'group':
        return this.logGroup(event, line);
      case 'warning':
      case 'lock-lost':
      case 'lease-lost':
        return this.logger.warn(line);
    }
  }

  /** Nothing is written afterwards: no sum is told of what came before. */
  close(): void {
    this.flapping.close();
  }

  private logGroup({ event }: Extract<GroupEvent, { type: 'group' }>, line: string): void {
    const comesAndGoes = event === 'quorum-lost' || event === 'quorum-regained';
    if (comesAndGoes && !this.flapping.admits(quorum, line, event === 'quorum-lost')) return;
    if (isGoodNews(event)) this.logger.log(line);
    else this.logger.error(line);
  }

  private logMember(event: Extract<GroupEvent, { type: 'member' }>, line: string): void {
    const news = this.outages.judge(event);
    if (news === 'repetition' || !this.flapping.admits(memberOf(event), line, news === 'outage')) return;
    switch (news) {
      case 'start':
        return this.logger.debug(line);
      case 'recovery':
        return this.logger.log(line);
      case 'outage':
      case 'new-state':
        return event.state === 'rejoining' ? this.logger.log(line) : this.logger.warn(line);
    }
  }
}

function memberOf({ member }: { readonly member: string }): string {
  return `member ${member}`;
}
