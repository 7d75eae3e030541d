import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { InvalidOptionsError } from '../errors.js';
import { GroupRegistry } from '../nest/group.registry.js';
import { allowed } from '../nest/messages.js';
import { defaultGroup } from '../nest/tokens.js';
import { checkBoolean, checkKnown, show } from '../options/checks.js';
import type { GroupStatus, MemberStatus } from '../quorum/group-status.js';

/** What `isHealthy()` takes; all of it optional. */
export interface MajorityRedisHealthOptions {
  /** Name of the group. @default 'default' */
  group?: string;
  /** Whether the group is `down` already when a member is missing. @default false: it is `degraded` */
  downWhenDegraded?: boolean;
}

/** One member, as a health check tells of it. */
export interface MemberHealth extends Pick<MemberStatus, 'state' | 'reason'> {
  /** ms that its answer to this check took; absent when there was none. */
  readonly roundTripMs?: number;
}

/** What stands beside `status` in the result. */
export interface GroupHealth extends Record<string, unknown> {
  readonly voting: number;
  readonly groupSize: number;
  readonly quorum: number;
  /** By name, as in logs and errors. */
  readonly members: Readonly<Record<string, MemberHealth>>;
}

/** For @nestjs/terminus: whether a quorum of a group's members votes. */
@Injectable()
export class MajorityRedisHealthIndicator {
  constructor(
    private readonly health: HealthIndicatorService,
    private readonly groups: GroupRegistry,
  ) {}

  /**
   * Asks every member once, which takes no longer than `requestTimeout`.
   *
   * - `up`: all members vote.
   * - `degraded`: a quorum votes, but not all. Everything works; the check as a whole still answers 200.
   * - `down`: there is no quorum, so operations fail with `NoQuorumError`.
   *
   * @param key name of the entry in the result of the check
   * @throws InvalidOptionsError for a group that the application does not have, and for bad options
   */
  async isHealthy<const Key extends string>(
    key: Key,
    options: MajorityRedisHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key, 'up' | 'degraded' | 'down', GroupHealth>> {
    checkKnown('options of isHealthy()', options, ['group', 'downWhenDegraded']);
    const { group: name = defaultGroup, downWhenDegraded = false } = options;
    checkBoolean('downWhenDegraded', downWhenDegraded);
    const connection = await this.groups.get(name);
    if (!connection) throw new InvalidOptionsError('group of isHealthy()', allowed.knownGroup, show(name));
    const status = await connection.group.check();
    const session = this.health.check(key);
    const health = healthOf(status);
    if (status.voting === status.groupSize) return session.up(health);
    return status.hasQuorum && !downWhenDegraded ? session.degraded(health) : session.down(health);
  }
}

function healthOf({ voting, groupSize, quorum, members }: GroupStatus): GroupHealth {
  return {
    voting,
    groupSize,
    quorum,
    members: Object.fromEntries(
      members.map(({ name, state, reason, roundTripMs }) => [
        name,
        { state, reason, roundTripMs: roundTripMs === undefined ? undefined : Math.round(roundTripMs * 100) / 100 },
      ]),
    ),
  };
}
