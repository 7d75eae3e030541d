import { Controller, Get, Module } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { MajorityRedisModule } from 'nestjs-majority-redis';
import { MajorityRedisHealthIndicator, MajorityRedisHealthModule } from 'nestjs-majority-redis/health';
import { startLocalGroup, type LocalGroup } from 'nestjs-majority-redis/testing';
import { MajorityRedisTestingModule } from 'nestjs-majority-redis/testing/in-memory';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';

@Controller()
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly redis: MajorityRedisHealthIndicator,
  ) {}

  @Get('live')
  @HealthCheck()
  live() {
    return this.health.check([]);
  }

  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.redis.isHealthy('redis')]);
  }

  @Get('strict')
  @HealthCheck()
  strict() {
    return this.health.check([() => this.redis.isHealthy('redis', { downWhenDegraded: true })]);
  }

  @Get('both')
  @HealthCheck()
  both() {
    return this.health.check([
      () => this.redis.isHealthy('redis'),
      () => this.redis.isHealthy('jobs', { group: 'jobs' }),
    ]);
  }
}

interface Answer {
  readonly code: number;
  readonly text: string;
  readonly status: string;
  readonly details: Record<string, { status: string; voting: number; members: Record<string, { state: string }> }>;
}

const password = 'very-secret';
/** After a restart of a majority the group waits for the longest lease. */
const shortLeases = { lock: { ttl: 200, ttlMax: 1000 }, queue: { lease: 200, leaseMax: 1000 } };

describe('health checks', () => {
  let servers: LocalGroup;
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    servers = await startLocalGroup({ size: 3, args: ['--requirepass', password] });
    const nodes = servers.urls.map((one) => one.replace('redis://', `redis://:${password}@`));

    @Module({
      imports: [
        MajorityRedisModule.forRoot({ nodes, requestTimeout: 200, maxOperationTime: 400, ...shortLeases }),
        MajorityRedisTestingModule.forRoot({ name: 'jobs' }),
        TerminusModule.forRoot({ logger: false }),
        MajorityRedisHealthModule,
      ],
      controllers: [HealthController],
    })
    class AppModule {}

    const module = await Test.createTestingModule({ imports: [AppModule] })
      .setLogger(false as never)
      .compile();
    app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(async () => {
    await app.close();
    await servers.stop();
  });
  beforeEach(async () => {
    for (const server of servers.members) {
      server.thaw();
      if (server.state === 'stopped') await server.start();
    }
    await eventually(async () => (await get('ready')).status === 'ok');
  });

  async function get(path: string): Promise<Answer> {
    const response = await fetch(`${url}/${path}`);
    const text = await response.text();
    return { code: response.status, text, ...(JSON.parse(text) as Omit<Answer, 'code' | 'text'>) };
  }

  /** The first answer that is as it should be. */
  async function answer(path: string, isExpected: (answer: Answer) => boolean): Promise<Answer> {
    return eventually(async () => {
      const got = await get(path);
      return isExpected(got) && got;
    });
  }

  it('is up while all members vote, and tells of each', async () => {
    const { code, details } = await get('ready');
    expect(code).toBe(200);
    const member = { state: 'voting', roundTripMs: expect.any(Number) as number };
    expect(details['redis']).toEqual({
      status: 'up',
      voting: 3,
      groupSize: 3,
      quorum: 2,
      members: { 'redis-1': member, 'redis-2': member, 'redis-3': member },
    });
  });

  it('is degraded, and still answers 200, while a quorum votes without the others', async () => {
    await servers.members[1]!.kill();
    const { code, details } = await answer('ready', ({ status }) => status === 'degraded');
    expect(code).toBe(200);
    expect(details['redis']).toMatchObject({
      status: 'degraded',
      voting: 2,
      members: { 'redis-2': { state: 'down', reason: expect.any(String) as string } },
    });
    expect(details['redis']!.members['redis-2']).not.toHaveProperty('roundTripMs');
    expect(await get('strict')).toMatchObject({ code: 503, details: { redis: { status: 'down', voting: 2 } } });
  });

  it('is down, with 503, without a quorum; and up again when members are back', async () => {
    await Promise.all(servers.members.slice(1).map((server) => server.kill()));
    const { status, details } = await answer('ready', ({ code }) => code === 503);
    expect(status).toBe('error');
    const down = { state: 'down', reason: expect.any(String) as string };
    expect(details['redis']).toMatchObject({
      status: 'down',
      voting: 1,
      members: { 'redis-1': { state: 'voting' }, 'redis-2': down, 'redis-3': down },
    });
    expect(await get('live')).toMatchObject({ code: 200, status: 'ok' });
    await Promise.all(servers.members.slice(1).map((server) => server.start()));
    // they are there, but came back empty: they may not vote before old leases have ended
    const rejoining = { state: 'rejoining', reason: expect.any(String) as string };
    await answer('ready', ({ code, details: { redis } }) => {
      return code === 503 && Object.values(redis!.members).filter(({ state }) => state === 'rejoining').length === 2;
    }).then(({ details: { redis } }) => expect(redis!.members).toMatchObject({ 'redis-2': rejoining }));
    await answer('ready', ({ code }) => code === 200);
    await answer('ready', ({ status: now }) => now === 'ok');
  });

  it('is down without a quorum that only hangs, within requestTimeout, and up when it goes on', async () => {
    for (const server of servers.members.slice(0, 2)) server.freeze();
    const since = performance.now();
    const { code, details } = await get('ready');
    expect(performance.now() - since).toBeLessThan(1000);
    expect(code).toBe(503);
    expect(details['redis']).toMatchObject({
      status: 'down',
      voting: 1,
      members: { 'redis-1': { state: 'suspect' }, 'redis-2': { state: 'suspect' }, 'redis-3': { state: 'voting' } },
    });
    for (const server of servers.members) server.thaw();
    await answer('ready', ({ status }) => status === 'ok');
  });

  it('finds out by itself that a member hangs, though nobody needed it', async () => {
    servers.members[0]!.freeze();
    const { status, details } = await get('ready');
    expect(status).toBe('degraded');
    expect(details['redis']!.members['redis-1']!.state).toBe('suspect');
  });

  it('finds out that a member forgot, though nobody needed it', async () => {
    const client = new Redis(servers.members[2]!.port, { password });
    await client.flushall();
    client.disconnect();
    const { details } = await get('ready');
    expect(details['redis']!.members['redis-3']!.state).toBe('rejoining');
    expect(await get('strict')).toMatchObject({ code: 503 });
    await answer('strict', ({ code }) => code === 200);
  });

  it('checks several groups, each by its name', async () => {
    const { code, details } = await get('both');
    expect(code).toBe(200);
    expect(Object.keys(details)).toEqual(['redis', 'jobs']);
    expect(details['jobs']).toMatchObject({ status: 'up', groupSize: 1, members: { 'memory-1': { state: 'voting' } } });
  });

  it('tells no password, whatever the state', async () => {
    const texts = [(await get('ready')).text];
    await Promise.all(servers.members.map((server) => server.kill()));
    texts.push((await answer('ready', ({ code }) => code === 503)).text);
    expect(texts.join()).not.toContain(password);
  });

  it('refuses a group that the application does not have, and options that do not exist', async () => {
    const indicator = app.get(MajorityRedisHealthIndicator);
    const refused = { code: 'INVALID_OPTIONS' };
    await expect(indicator.isHealthy('redis', { group: 'nope' })).rejects.toMatchObject(refused);
    await expect(indicator.isHealthy('redis', { groups: 'jobs' } as never)).rejects.toMatchObject(refused);
    await expect(indicator.isHealthy('redis', { downWhenDegraded: 1 } as never)).rejects.toMatchObject(refused);
  });
});
