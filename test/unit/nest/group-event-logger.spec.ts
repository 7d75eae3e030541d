import { ConsoleLogger, Logger } from '@nestjs/common';
import type { LoggerService } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GroupEventLogger } from '../../../lib/nest/group-event-logger.js';
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
