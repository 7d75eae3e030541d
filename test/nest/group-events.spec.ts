import type { LoggerService } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { MajorityRedisModule } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';

describe('the log of the application', () => {
  it("tells a group's start and each change of a member once, with the group as context", async () => {
    const lines: string[] = [];
    const write = (...entry: unknown[]): void => void lines.push(`[${String(entry.at(-1))}] ${String(entry[0])}`);
    const logger: LoggerService = { log: write, warn: write, error: write };

    await using servers = await startLocalGroup({ size: 3 });
    const options = { nodes: servers.urls, name: 'shop', requestTimeout: 100 };
    const module = Test.createTestingModule({ imports: [MajorityRedisModule.forRoot(options)] }).setLogger(logger);
    const app = await (await module.compile()).init();
    try {
      expect(lines).toContainEqual(expect.stringMatching(/^\[MajorityRedis:shop\] group ready: \d of 3 members vote/));
      const member = servers.members[2]!;
      const linesOf = (state: string): string[] =>
        lines.filter((line) => line.startsWith(`[MajorityRedis:shop] member ${state}: ${member.name}`));
      await member.kill();
      await eventually(() => linesOf('down').length > 0);
      await member.start();
      await eventually(() => linesOf('voting').length > 0);
      expect(linesOf('down')).toHaveLength(1);
    } finally {
      await app.close();
    }
  });
});
