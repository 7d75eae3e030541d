import { Logger } from '@nestjs/common';
import type { GroupEvent, GroupStatus } from '../quorum/group-status.js';
import { groupEventLine, isGoodNews } from './group-event-line.js';
import { Outages } from './outages.js';
import { defaultGroup } from './tokens.js';

/**
 * Writes a group's events as log lines: `member suspect: redis-3 (no reply in 500 ms)`.
 *
 * Faults are warnings, what needs an operator is an error, recovery is a plain line, progress is debug. What happens to
 * a member is not repeated while it stays down.
 */
export class GroupEventLogger {
  private readonly logger: Logger;
  private readonly outages = new Outages();

  constructor(group: string) {
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
        return this.logger.debug(line);
      case 'group':
        return isGoodNews(event.event) ? this.logger.log(line) : this.logger.error(line);
      case 'warning':
      case 'lock-lost':
      case 'lease-lost':
        return this.logger.warn(line);
    }
  }

  private logMember(event: Extract<GroupEvent, { type: 'member' }>, line: string): void {
    switch (this.outages.judge(event)) {
      case 'start':
        return this.logger.debug(line);
      case 'recovery':
        return this.logger.log(line);
      case 'outage':
        return event.state === 'rejoining' ? this.logger.log(line) : this.logger.warn(line);
      case 'repetition':
        return;
    }
  }
}
