import { Injectable } from '@nestjs/common';
import { Cron, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import { LockService, MajorityRedisModule, WithMajorityLock } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';

describe('a scheduled job', () => {
  it.each(['lock above @Cron()', 'lock below @Cron()'])(
    'runs once in three application instances (%s)',
    async (order) => {
      await using servers = await startLocalGroup({ size: 3 });
      const tokens: number[] = [];
      // every second, and taken for longer than the test lasts: all instances try, again and again
      const schedule = Cron('* * * * * *', { name: 'nightly', waitForCompletion: true });
      const lock = WithMajorityLock('nightly', { onBusy: 'skip', minHold: 30_000, ttl: 30_000 });
      const [above, below] = order.startsWith('lock above') ? [lock, schedule] : [schedule, lock];

      @Injectable()
      class Jobs {
        constructor(private readonly locks: LockService) {}

        @above
        @below
        async nightly(): Promise<string> {
          tokens.push(this.locks.current()!.token);
          return 'done';
        }
      }
      const apps = await Promise.all(
        [1, 2, 3].map(async () => {
          const imports = [ScheduleModule.forRoot(), MajorityRedisModule.forRoot({ nodes: servers.urls })];
          const app = await Test.createTestingModule({ imports, providers: [Jobs] }).compile();
          return app.init();
        }),
      );
      try {
        const jobs = apps.map((app) => app.get(SchedulerRegistry).getCronJob('nightly'));
        await eventually(() => jobs.every((job) => job.lastDate() !== null && !job.isCallbackRunning));
        expect(tokens).toHaveLength(1);
        // an instance whose clock is late: the job is over, and still taken
        await expect(apps[2]!.get(Jobs).nightly()).resolves.toBeUndefined();
      } finally {
        await Promise.all(apps.map((app) => app.close()));
      }
    },
  );
});
