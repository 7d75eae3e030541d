import { ConsoleLogger, Logger } from '@nestjs/common';
import type { LoggerService } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GroupEventLogger } from '../../../lib/nest/group-event-logger.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import type { MemberState } from '../../../lib/quorum/group-status.js';

let lines: string[];

beforeEach(() => {
  lines = [];
  const write =
    (level: string) =>
    (message: unknown, ...more: unknown[]) =>
      void lines.push(`${level} [${String(more.at(-1))}] ${String(message)}`); // the context comes last, after a stack
  const logger: LoggerService = {
    log: write('log'),
    warn: write('warn'),
    error: write('error'),
    debug: write('debug'),
  };
  Logger.overrideLogger(logger);
});

afterEach(() => Logger.overrideLogger(new ConsoleLogger()));

function member(logger: GroupEventLogger, state: MemberState, reason?: string): void {
  logger.log({ type: 'member', member: 'redis-3', state, reason });
}

describe('GroupEventLogger', () => {
  it('writes each state of a member once while it does not vote', () => {
    const logger = new GroupEventLogger('default');
    member(logger, 'voting');
    member(logger, 'suspect', 'no reply in 500 ms');
    member(logger, 'down', 'connection refused');
    member(logger, 'suspect', 'no reply in 500 ms');
    member(logger, 'down', 'connection refused');
    member(logger, 'rejoining', 'restarted');
    member(logger, 'voting');
    member(logger, 'suspect', 'no reply in 500 ms');
    expect(lines).toEqual([
      'debug [MajorityRedis] member voting: redis-3',
      'warn [MajorityRedis] member suspect: redis-3 (no reply in 500 ms)',
      'warn [MajorityRedis] member down: redis-3 (connection refused)',
      'log [MajorityRedis] member rejoining: redis-3 (restarted)',
      'log [MajorityRedis] member voting: redis-3',
      'warn [MajorityRedis] member suspect: redis-3 (no reply in 500 ms)',
    ]);
  });

  it('writes each phase of a rejoin once, though it counts down and is tried again', () => {
    const logger = new GroupEventLogger('default');
    const rejoin = (phase: string, copied = 0): void =>
      logger.log({ type: 'rejoin', member: 'redis-3', phase, copied });
    for (let tries = 0; tries < 50; tries += 1) {
      rejoin('waits for members that remember: 2 of 3 are here');
      for (let left = 60; left > 0; left -= 1) rejoin(`waits ${left} s for the end of old leases`);
      for (let copied = 0; copied < 5000; copied += 1000) rejoin('copies', copied);
    }
    rejoin('done', 5000);
    member(logger, 'voting');
    expect(lines).toEqual([
      'debug [MajorityRedis] member rejoining: redis-3 (waits for members that remember: 2 of 3 are here, 0 records copied)',
      'debug [MajorityRedis] member rejoining: redis-3 (waits 60 s for the end of old leases, 0 records copied)',
      'debug [MajorityRedis] member rejoining: redis-3 (copies, 0 records copied)',
      'debug [MajorityRedis] member rejoining: redis-3 (done, 5000 records copied)',
      'debug [MajorityRedis] member voting: redis-3',
    ]);
  });

  it('sums up once a minute a member that comes and goes, and tells its last state', async () => {
    const clock = new VirtualClock();
    const logger = new GroupEventLogger('default', clock);
    for (let second = 0; second < 600; second += 2) {
      member(logger, 'suspect', 'no reply in 500 ms');
      await clock.advance(1000);
      member(logger, 'voting');
      await clock.advance(1000);
    }
    // three outages of two lines, the notice, and a sum for each minute
    expect(lines.length).toBeLessThanOrEqual(6 + 1 + 10);
    expect(lines.slice(4, 8)).toEqual([
      'warn [MajorityRedis] member suspect: redis-3 (no reply in 500 ms)',
      'log [MajorityRedis] member voting: redis-3',
      'warn [MajorityRedis] member redis-3 comes and goes: 4 outages within a minute, from now on told once a minute; ' +
        'member suspect: redis-3 (no reply in 500 ms)',
      'warn [MajorityRedis] member redis-3 comes and goes: 30 outages in the last minute; member voting: redis-3',
    ]);
    member(logger, 'down', 'connection refused');
    await clock.advance(120_000);
    expect(lines.at(-1)).toMatch(/1 outages? in the last minute; member down: redis-3 \(connection refused\)$/);
    member(logger, 'voting');
    await clock.advance(60_000);
    expect(lines.at(-1)).toBe('log [MajorityRedis] member voting: redis-3');
    expect(clock.pendingTimers).toBe(0);
  });

  it('sums up a quorum that comes and goes, as an error; other members are told as ever', async () => {
    const clock = new VirtualClock();
    const logger = new GroupEventLogger('default', clock);
    for (let times = 0; times < 20; times += 1) {
      logger.log({ type: 'group', event: 'quorum-lost', detail: '2 of 5 vote' });
      logger.log({ type: 'group', event: 'quorum-regained', detail: '3 of 5 vote' });
      await clock.advance(1000);
    }
    member(logger, 'down', 'connection refused');
    expect(lines).toHaveLength(6 + 1 + 1);
    await clock.advance(60_000);
    expect(lines.at(-1)).toBe(
      'error [MajorityRedis] quorum comes and goes: 20 outages in the last minute; group quorum-regained: 3 of 5 vote',
    );
    logger.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('names a group that has a name, and writes what an operator must see as errors', () => {
    const logger = new GroupEventLogger('audit');
    logger.logReady({ name: 'audit', groupSize: 5, quorum: 3, voting: 4, hasQuorum: true, members: [] });
    logger.log({ type: 'group', event: 'formed', detail: '5 members' });
    logger.log({ type: 'group', event: 'quorum-lost', detail: '2 of 5 members vote, 3 are needed' });
    logger.log({ type: 'group', event: 'quorum-regained', detail: '3 of 5 members vote, 3 are needed' });
    logger.log({ type: 'group', event: 'total-loss', detail: 'no member remembers' });
    logger.log({ type: 'warning', member: 'redis-1', message: 'maxmemory-policy allkeys-lru may evict locks' });
    logger.log({ type: 'rejoin', member: 'redis-1', phase: 'copying', copied: 12 });
    logger.log({ type: 'lock-lost', keys: ['a', 'b'], token: 7, reason: 'validity-passed' });
    expect(lines).toEqual([
      'log [MajorityRedis:audit] group ready: 4 of 5 members vote, quorum is 3',
      'log [MajorityRedis:audit] group formed: 5 members',
      'error [MajorityRedis:audit] group quorum-lost: 2 of 5 members vote, 3 are needed',
      'log [MajorityRedis:audit] group quorum-regained: 3 of 5 members vote, 3 are needed',
      'error [MajorityRedis:audit] group total-loss: no member remembers',
      'warn [MajorityRedis:audit] redis-1: maxmemory-policy allkeys-lru may evict locks',
      'debug [MajorityRedis:audit] member rejoining: redis-1 (copying, 12 records copied)',
      'warn [MajorityRedis:audit] lock lost: a, b (token 7, validity-passed)',
    ]);
  });
});
