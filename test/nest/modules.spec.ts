import { Inject, Injectable, Module } from '@nestjs/common';
import type { ModuleMetadata, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import {
  getLockServiceToken,
  getMajorityRedisServiceToken,
  InjectLockService,
  InjectMajorityRedis,
  LockService,
  MajorityRedisModule,
  MajorityRedisService,
} from 'nestjs-majority-redis';
import type { MajorityRedisModuleOptions, MajorityRedisOptionsFactory } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { allowed } from '../../lib/nest/messages.js';
import { eventually } from '../support/eventually.js';
import { connectionsOf } from './support/connections.js';

let servers: LocalGroup;
let others: LocalGroup;
const apps: TestingModule[] = [];

beforeAll(async () => {
  [servers, others] = await Promise.all([startLocalGroup({ size: 3 }), startLocalGroup({ size: 1 })]);
});
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});
afterAll(async () => {
  await Promise.all([servers.stop(), others.stop()]);
});

async function start(metadata: ModuleMetadata): Promise<TestingModule> {
  const app = await Test.createTestingModule(metadata)
    .setLogger(false as never)
    .compile();
  apps.push(app);
  return app.init();
}

@Injectable()
class Seats {
  constructor(
    readonly locks: LockService,
    readonly group: MajorityRedisService,
  ) {}
}

@Injectable()
class Settings {
  readonly nodes = servers.urls;
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class SettingsFactory implements MajorityRedisOptionsFactory {
  @Inject(Settings) private readonly settings!: Settings;

  createMajorityRedisOptions(): MajorityRedisModuleOptions {
    return { nodes: this.settings.nodes };
  }
}

@Module({ imports: [SettingsModule], providers: [SettingsFactory], exports: [SettingsFactory] })
class SettingsFactoryModule {}

async function expectWorks(app: TestingModule): Promise<void> {
  const { locks, group } = app.get(Seats);
  expect(group.name).toBe('default');
  expect(group.status()).toMatchObject({ groupSize: 3, quorum: 2, hasQuorum: true });
  await expect(locks.using('module', (lock) => lock.isHeld)).resolves.toBe(true);
}

describe('MajorityRedisModule', () => {
  it('forRoot() provides the services of the default group by their classes', async () => {
    await expectWorks(
      await start({ imports: [MajorityRedisModule.forRoot({ nodes: servers.urls })], providers: [Seats] }),
    );
  });

  it('forRootAsync() takes a factory with imports and injected providers', async () => {
    const group = MajorityRedisModule.forRootAsync({
      imports: [SettingsModule],
      inject: [Settings],
      useFactory: async ({ nodes }: Settings) => ({ nodes }),
    });
    await expectWorks(await start({ imports: [group], providers: [Seats] }));
  });

  it('forRootAsync() takes a class that makes the options', async () => {
    const group = MajorityRedisModule.forRootAsync({ imports: [SettingsModule], useClass: SettingsFactory });
    await expectWorks(await start({ imports: [group], providers: [Seats] }));
  });

  it('forRootAsync() takes an existing provider that makes the options', async () => {
    const group = MajorityRedisModule.forRootAsync({ imports: [SettingsFactoryModule], useExisting: SettingsFactory });
    await expectWorks(await start({ imports: [group], providers: [Seats] }));
  });

  it('isGlobal makes the services visible in modules that do not import it', async () => {
    @Module({ providers: [Seats], exports: [Seats] })
    class SeatsModule {}
    const group = MajorityRedisModule.forRoot({ nodes: servers.urls, isGlobal: true });
    await expectWorks(await start({ imports: [group, SeatsModule] }));
  });

  it('keeps named groups side by side, each with services and locks of its own', async () => {
    @Injectable()
    class Audit {
      constructor(
        readonly locks: LockService,
        @InjectLockService('audit') readonly auditLocks: LockService,
        @InjectMajorityRedis('audit') readonly audit: MajorityRedisService,
      ) {}
    }
    const app = await start({
      imports: [
        MajorityRedisModule.forRoot({ nodes: servers.urls }),
        MajorityRedisModule.forRootAsync({ name: 'audit', useFactory: () => ({ nodes: others.urls }) }),
      ],
      providers: [Audit],
    });
    const { locks, auditLocks, audit } = app.get(Audit);
    expect(audit.name).toBe('audit');
    expect(audit.status().groupSize).toBe(1);
    expect(app.get(getMajorityRedisServiceToken('audit'))).toBe(audit);
    expect(app.get(getLockServiceToken('audit'))).toBe(auditLocks);
    expect(app.get(getLockServiceToken())).toBe(locks);
    await using first = await locks.acquire('same key');
    await using second = await auditLocks.acquire('same key');
    expect([first.isHeld, second.isHeld]).toEqual([true, true]);
  });

  it('lets two applications in one process use the same group without meeting', async () => {
    const metadata = { imports: [MajorityRedisModule.forRoot({ nodes: servers.urls })], providers: [Seats] };
    const [one, two] = [await start(metadata), await start(metadata)];
    expect(one.get(LockService)).not.toBe(two.get(LockService));
    await using lock = await one.get(LockService).acquire('two apps');
    await expect(two.get(LockService).tryAcquire('two apps')).resolves.toBeNull();
    await one.close();
    expect(lock.isHeld).toBe(false);
    await expect(two.get(LockService).using('two apps', (it) => it.isHeld)).resolves.toBe(true);
  });
});

describe('a start that fails', () => {
  const unreachable = ['redis://127.0.0.1:1', 'redis://127.0.0.1:2', 'redis://127.0.0.1:3'];

  it('rejects with NoQuorumError when no quorum answers within connectTimeout', async () => {
    const group = MajorityRedisModule.forRoot({ nodes: unreachable, connectTimeout: 300 });
    await expect(start({ imports: [group] })).rejects.toMatchObject({ code: 'NO_QUORUM', groupSize: 3 });
  });

  it('rejects with InvalidOptionsError for bad options, also those of a factory', async () => {
    const nodes: string[] = [];
    await expect(start({ imports: [MajorityRedisModule.forRoot({ nodes })] })).rejects.toMatchObject({
      option: 'nodes',
    });
    const late = MajorityRedisModule.forRootAsync({ useFactory: () => ({ nodes: servers.urls, requestTimeout: -1 }) });
    await expect(start({ imports: [late] })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      option: 'requestTimeout',
    });
  });

  it('refuses a name that a factory returns beside another one in the module', async () => {
    const options = { nodes: servers.urls, name: 'audit' };
    const group = MajorityRedisModule.forRootAsync({ useFactory: () => options });
    await expect(start({ imports: [group] })).rejects.toMatchObject({
      option: 'name',
      allowed: allowed.nameBesideFactory,
    });
  });

  it('refuses two groups of one name, and keeps no connection', async () => {
    const imports = [
      MajorityRedisModule.forRoot({ nodes: others.urls, name: 'twin' }),
      MajorityRedisModule.forRoot({ nodes: others.urls, name: 'twin' }),
    ];
    await expect(start({ imports })).rejects.toMatchObject({ option: 'name', allowed: allowed.groupName });
    await eventually(async () => (await connectionsOf(others.members[0]!)) === 0);
  });

  it('takes one dynamic module imported in two places for one group', async () => {
    const group = MajorityRedisModule.forRoot({ nodes: servers.urls });
    @Module({ imports: [group], providers: [Seats], exports: [Seats] })
    class SeatsModule {}
    await expectWorks(await start({ imports: [group, SeatsModule as Type] }));
  });

  it('closes the groups that did connect when another one does not', async () => {
    const imports = [
      MajorityRedisModule.forRoot({ nodes: others.urls }),
      MajorityRedisModule.forRoot({ nodes: unreachable, name: 'gone', connectTimeout: 300 }),
    ];
    await expect(start({ imports })).rejects.toMatchObject({ code: 'NO_QUORUM' });
    await eventually(async () => (await connectionsOf(others.members[0]!)) === 0);
  });
});
