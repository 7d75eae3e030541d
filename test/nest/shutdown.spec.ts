import { Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { LockService, MajorityRedisModule, WithMajorityLock } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectionsOf } from './support/connections.js';

let servers: LocalGroup;
beforeAll(async () => {
  servers = await startLocalGroup({ size: 3 });
});
afterAll(async () => {
  await servers.stop();
});

describe('app.close()', () => {
  it('releases held locks, and closes the connections of the group', async () => {
    const imports = [MajorityRedisModule.forRoot({ nodes: servers.urls })];
    const app = await Test.createTestingModule({ imports }).compile();
    await app.init();
    const lock = await app.get(LockService).acquire('left over', { ttl: 30_000 });
    await app.close();
    expect(lock.isHeld).toBe(false);
    await eventually(async () => (await connectionsOf(servers.members[0]!)) === 0);

    const next = await Test.createTestingModule({ imports }).compile();
    await expect(next.get(LockService).using('left over', (it) => it.isHeld)).resolves.toBe(true);
    await next.close();
  });

  it('closes the connections of an application that was created and never initialised', async () => {
    const imports = [MajorityRedisModule.forRoot({ nodes: servers.urls })];
    const app = await Test.createTestingModule({ imports }).compile();
    await app.close();
    await eventually(async () => (await connectionsOf(servers.members[0]!)) === 0);
  });

  it('leaves instances that were given as nodes open', async () => {
    const nodes = servers.urls.map((url) => new Redis(url));
    try {
      const app = await Test.createTestingModule({ imports: [MajorityRedisModule.forRoot({ nodes })] }).compile();
      await app.init();
      await app.get(LockService).using('k', (lock) => lock.token);
      await app.close();
      await expect(Promise.all(nodes.map((node) => node.ping()))).resolves.toEqual(['PONG', 'PONG', 'PONG']);
    } finally {
      nodes.forEach((node) => node.disconnect());
    }
  });

  it.each([true, false])('lets all shutdown hooks use locks (isGlobal: %s)', async (isGlobal) => {
    const done: string[] = [];

    @Injectable()
    class Journal implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
      async onModuleDestroy(): Promise<void> {
        await this.write('onModuleDestroy');
      }
      async beforeApplicationShutdown(): Promise<void> {
        await this.write('beforeApplicationShutdown');
      }
      async onApplicationShutdown(): Promise<void> {
        await this.write('onApplicationShutdown');
      }

      @WithMajorityLock('journal')
      private async write(line: string): Promise<void> {
        done.push(line);
      }
    }
    const imports = [MajorityRedisModule.forRoot({ nodes: servers.urls, isGlobal })];
    const app = await Test.createTestingModule({ imports, providers: [Journal] }).compile();
    await app.init();
    await app.close();
    expect(done).toEqual(['onModuleDestroy', 'beforeApplicationShutdown', 'onApplicationShutdown']);
  });
});
