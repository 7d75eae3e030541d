import { Controller, Get, Injectable, Module, Param } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule, TestingModuleBuilder } from '@nestjs/testing';
import {
  getLockServiceToken,
  getMajorityRedisServiceToken,
  InjectLockService,
  isMajorityRedisError,
  LockService,
  MajorityRedisModule,
  MajorityRedisService,
  QueueConsumer,
  QueueService,
  QuorumKvService,
  WithMajorityLock,
} from 'nestjs-majority-redis';
import type { Delivery } from 'nestjs-majority-redis';
import { MajorityRedisTestingModule, MemoryGroup, withInMemoryGroups } from 'nestjs-majority-redis/testing/in-memory';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.js';

@Injectable()
class Seats {
  constructor(
    readonly locks: LockService,
    readonly kv: QuorumKvService,
  ) {}

  @WithMajorityLock('seat:{0}', { waitFor: 5000 })
  async sell(seat: string): Promise<boolean> {
    const guard = this.locks.current();
    const { written } = await this.kv.set(seat, 'sold', { ifAbsent: true, guard });
    return written;
  }
}

@Controller()
class SeatsController {
  constructor(private readonly seats: Seats) {}

  @Get(':seat')
  sell(@Param('seat') seat: string): Promise<boolean> {
    return this.seats.sell(seat);
  }
}

const apps: TestingModule[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

async function start(builder: TestingModuleBuilder): Promise<TestingModule> {
  const app = await builder.setLogger(false as never).compile();
  apps.push(app);
  return app.init();
}

function seatsOn(...imports: Parameters<typeof Test.createTestingModule>[0]['imports'] & object): TestingModuleBuilder {
  return Test.createTestingModule({ imports, controllers: [SeatsController], providers: [Seats] });
}

describe('MajorityRedisTestingModule', () => {
  it('gives an application its services without any server', async () => {
    const app = await start(seatsOn(MajorityRedisTestingModule.forRoot()));
    const { hasQuorum, voting, members } = app.get(MajorityRedisService).status();
    expect({ hasQuorum, voting, names: members.map(({ name }) => name) }).toEqual({
      hasQuorum: true,
      voting: 1,
      names: ['memory-1'],
    });
    const seats = app.get(Seats);
    expect(await Promise.all([seats.sell('a1'), seats.sell('a1'), seats.sell('b2')])).toEqual([true, false, true]);
  });

  it('keeps what is stored apart from that of other applications, unless they share a MemoryGroup', async () => {
    const group = new MemoryGroup();
    const [a, b, alone] = await Promise.all([
      start(seatsOn(MajorityRedisTestingModule.forRoot({ group }))),
      start(seatsOn(MajorityRedisTestingModule.forRoot({ group }))),
      start(seatsOn(MajorityRedisTestingModule.forRoot())),
    ]);
    expect(await a.get(Seats).sell('a1')).toBe(true);
    expect(await b.get(Seats).sell('a1')).toBe(false);
    expect(await alone.get(Seats).sell('a1')).toBe(true);
  });

  it('takes names, isGlobal and factories as the real module does', async () => {
    @Injectable()
    class Jobs {
      constructor(@InjectLockService('jobs') readonly locks: LockService) {}
    }
    const app = await start(
      Test.createTestingModule({
        imports: [
          MajorityRedisTestingModule.forRoot({ isGlobal: true }),
          MajorityRedisTestingModule.forRootAsync({ name: 'jobs', useFactory: () => ({ lock: { ttl: 1234 } }) }),
        ],
        providers: [Jobs, Seats],
      }),
    );
    const lock = await app.get(Jobs).locks.acquire('job');
    expect(lock.remaining).toBeLessThan(1234);
    expect(app.get(Jobs).locks).toBe(app.get(getLockServiceToken('jobs')));
    expect(app.get(Seats).locks).not.toBe(app.get(Jobs).locks);
  });

  it('refuses bad options as the real module does', async () => {
    const starting = start(seatsOn(MajorityRedisTestingModule.forRoot({ lock: { ttl: 1 } })));
    await expect(starting).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining('ttl') });
  });

  it('fails as the real group does while its members are stopped, and goes on when they are back', async () => {
    const group = new MemoryGroup(3);
    const app = await start(seatsOn(MajorityRedisTestingModule.forRoot({ group, maxOperationTime: 100 })));
    const [first, second] = group.members;
    first!.stop();
    expect(await app.get(Seats).sell('a1')).toBe(true);
    second!.stop();
    const refused: unknown = await app
      .get(Seats)
      .sell('a2')
      .catch((error: unknown) => error);
    expect(isMajorityRedisError(refused) && refused.code).toBe('NO_QUORUM');
    first!.start();
    second!.start();
    await eventually(() => app.get(MajorityRedisService).status().hasQuorum);
  });

  it('goes by fake timers: a lock ends when its time has passed', async () => {
    const app = await start(seatsOn(MajorityRedisTestingModule.forRoot()));
    vi.useFakeTimers();
    const { locks } = app.get(Seats);
    const kept = await locks.acquire('kept', { ttl: 10_000 });
    const left = await locks.acquire('left', { ttl: 10_000, autoExtend: false });
    await vi.advanceTimersByTimeAsync(600_000);
    expect([kept.isHeld, left.isHeld, left.signal.aborted]).toEqual([true, false, true]);
    const next = await locks.acquire('left');
    expect(next.token).toBeGreaterThan(left.token);
    const waiting = locks.acquire('kept', { waitFor: 5000 }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await waiting).toMatchObject({ code: 'LOCK_UNAVAILABLE' });
  });
});

describe('queues on MajorityRedisTestingModule', () => {
  @Injectable()
  class Mailer {
    readonly attempts: string[] = [];

    @QueueConsumer('emails')
    send({ body, attempt }: Delivery<string>): void {
      this.attempts.push(`${body} ${attempt}`);
      if (attempt < 3) throw new Error('not yet');
    }
  }

  it('feeds @QueueConsumer() methods, and tries again when the fake time has come', async () => {
    vi.useFakeTimers();
    const app = await start(
      Test.createTestingModule({
        imports: [
          MajorityRedisTestingModule.forRoot({ isGlobal: true }),
          MajorityRedisModule.registerQueue({ name: 'emails', backoff: { type: 'fixed', delay: 600_000 } }),
        ],
        providers: [Mailer],
      }),
    );
    const { attempts } = app.get(Mailer);
    const queues = app.get(QueueService);
    await queues.put('emails', 'hello');
    await vi.advanceTimersByTimeAsync(100);
    expect(attempts).toEqual(['hello 1']);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(attempts).toEqual(['hello 1', 'hello 2']);
    await vi.advanceTimersByTimeAsync(610_000);
    expect(attempts).toEqual(['hello 1', 'hello 2', 'hello 3']);
    expect(await queues.size('emails')).toMatchObject({ ready: 0, delayed: 0, leased: 0, dead: 0, done: 1 });
  });
});

describe('withInMemoryGroups()', () => {
  const nowhere = { nodes: ['redis://127.0.0.1:1', 'redis://127.0.0.1:2', 'redis://127.0.0.1:3'] };

  @Module({
    imports: [
      MajorityRedisModule.forRoot({ ...nowhere, isGlobal: true }),
      MajorityRedisModule.forRootAsync({ name: 'jobs', useFactory: () => ({ ...nowhere, groupSize: 5 }) }),
    ],
    controllers: [SeatsController],
    providers: [Seats],
  })
  class AppModule {}

  it('lets the groups of a whole application live in this process', async () => {
    const jobs = new MemoryGroup(3);
    const app = await start(withInMemoryGroups(Test.createTestingModule({ imports: [AppModule] }), { jobs }));
    expect(await app.get(SeatsController).sell('a1')).toBe(true);
    const status = app.get<MajorityRedisService>(getMajorityRedisServiceToken('jobs')).status();
    expect(status).toMatchObject({ groupSize: 3, voting: 3 });
    expect(app.get(MajorityRedisService).status().groupSize).toBe(1);
  });
});
