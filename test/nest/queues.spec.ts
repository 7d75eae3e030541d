import { Inject, Injectable, Module } from '@nestjs/common';
import type { DynamicModule, ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import {
  getQueueServiceToken,
  getQueueToken,
  InjectQueue,
  InjectQueueService,
  MajorityRedisModule,
  MajorityRedisService,
  Queue,
  QueueService,
} from 'nestjs-majority-redis';
import type { QueueRegistrationOptions, QueueRegistrationOptionsFactory } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { allowed } from '../../lib/nest/messages.js';
import { eventually } from '../support/eventually.js';
import { connectionsOf } from './support/connections.js';
import { QueueApps } from './support/queue-apps.js';

interface Email {
  readonly to: string;
}

let servers: LocalGroup;
let others: LocalGroup;
const apps = new QueueApps();

beforeAll(async () => {
  [servers, others] = await Promise.all([startLocalGroup({ size: 3 }), startLocalGroup({ size: 1 })]);
});
afterEach(() => apps.close());
afterAll(async () => {
  await Promise.all([servers.stop(), others.stop()]);
});

/** With all members: one that joins after a put does not know it yet, and a `get()` that does not wait may ask that one. */
async function start(metadata: ModuleMetadata): Promise<TestingModule> {
  const app = await apps.start(servers.urls, metadata);
  await eventually(() => app.get(MajorityRedisService).status().voting === servers.members.length);
  return app;
}

@Injectable()
class Mailer {
  constructor(@InjectQueue('emails') readonly emails: Queue<Email>) {}
}

/** Of a queue with these defaults the first attempt is the last one. */
const once = { maxAttempts: 1, lease: 5000 } satisfies QueueRegistrationOptions;

@Injectable()
class Settings {
  readonly emails = once;
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class EmailsFactory implements QueueRegistrationOptionsFactory {
  @Inject(Settings) private readonly settings!: Settings;

  createQueueOptions(): QueueRegistrationOptions {
    return this.settings.emails;
  }
}

@Module({ imports: [SettingsModule], providers: [EmailsFactory], exports: [EmailsFactory] })
class EmailsFactoryModule {}

describe('QueueService', () => {
  it('is injected by its class, and for a named group by its token', async () => {
    @Injectable()
    class Shop {
      constructor(
        readonly queues: QueueService,
        @InjectQueueService('audit') readonly auditQueues: QueueService,
      ) {}
    }
    const audit = MajorityRedisModule.forRootAsync({ name: 'audit', useFactory: () => ({ nodes: others.urls }) });
    const app = await start({ imports: [audit], providers: [Shop] });
    const { queues, auditQueues } = app.get(Shop);
    expect(app.get(getQueueServiceToken())).toBe(queues);
    expect(app.get(getQueueServiceToken('audit'))).toBe(auditQueues);
    await queues.put('same name', 1);
    expect(await queues.size('same name')).toMatchObject({ ready: 1 });
    expect(await auditQueues.size('same name')).toMatchObject({ ready: 0 });
  });

  it('gives back what an application holds when that closes', async () => {
    const [one, two] = [await start({}), await start({})];
    await one.get(QueueService).put('left over', 1);
    const [delivery] = await one.get(QueueService).get('left over', { lease: 60_000 });
    await one.close();
    expect(delivery!.isHeld).toBe(false);
    expect(delivery!.signal.reason).toMatchObject({ code: 'LEASE_LOST', reason: 'given-back' });
    const [again] = await two.get(QueueService).get('left over', { waitFor: 5000 });
    expect(again).toMatchObject({ attempt: 1, body: 1 });
    await again!.ack();
  });
});

describe('a registered queue', () => {
  it('is injected as a handle that does all that the service does', async () => {
    const app = await start({ imports: [MajorityRedisModule.registerQueue({ name: 'emails' })], providers: [Mailer] });
    const { emails } = app.get(Mailer);
    expect(emails).toBeInstanceOf(Queue);
    expect(emails.name).toBe('emails');
    expect(app.get(getQueueToken('emails'))).toBe(emails);

    const { id } = await emails.put({ to: 'ada' }, { id: 'first', maxAttempts: 1 });
    await emails.putAll([{ body: { to: 'alan' } }, { body: { to: 'grace' }, delay: 60_000 }]);
    expect(await emails.size()).toMatchObject({ ready: 2, delayed: 1 });
    const [ada, alan] = await emails.get({ count: 2 });
    expect([ada!.body.to, alan!.body.to]).toEqual(['ada', 'alan']);
    expect(await emails.state(id)).toBe('leased');
    await ada!.nack({ error: 'no such address' });
    await alan!.ack();
    expect(await emails.deadLetters()).toMatchObject([{ id: 'first', body: { to: 'ada' }, reason: 'no such address' }]);
    expect(await emails.redrive(['first'])).toBe(1);
    expect(await emails.remove('first')).toBe(true);
    await emails.pause();
    expect(await emails.isPaused()).toBe(true);
    await emails.resume();
    expect(await emails.isPaused()).toBe(false);
    expect(await emails.purge()).toBe(1);
  });

  const ways: [string, () => DynamicModule][] = [
    ['registerQueue()', () => MajorityRedisModule.registerQueue({ name: 'emails', ...once })],
    [
      'registerQueueAsync() with a factory',
      () =>
        MajorityRedisModule.registerQueueAsync({
          name: 'emails',
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: async ({ emails }: Settings) => emails,
        }),
    ],
    [
      'registerQueueAsync() with a class',
      () =>
        MajorityRedisModule.registerQueueAsync({
          name: 'emails',
          imports: [SettingsModule],
          useClass: EmailsFactory,
        }),
    ],
    [
      'registerQueueAsync() with an existing provider',
      () =>
        MajorityRedisModule.registerQueueAsync({
          name: 'emails',
          imports: [EmailsFactoryModule],
          useExisting: EmailsFactory,
        }),
    ],
  ];
  it.each(ways)('has the defaults of %s', async (_, register) => {
    const app = await start({ imports: [register()], providers: [Mailer] });
    const { emails } = app.get(Mailer);
    await emails.put({ to: 'ada' });
    const [delivery] = await emails.get();
    expect(delivery!.maxAttempts).toBe(1);
    await delivery!.ack();
  });

  it('may be one of several, and of another group', async () => {
    @Injectable()
    class Shop {
      constructor(
        @InjectQueue('emails') readonly emails: Queue<Email>,
        @InjectQueue('receipts') readonly receipts: Queue<number>,
        @InjectQueue('emails', 'audit') readonly audited: Queue<Email>,
      ) {}
    }
    const imports = [
      MajorityRedisModule.registerQueue(
        { name: 'emails' },
        { name: 'receipts', maxAttempts: 2 },
        { name: 'emails', group: 'audit', maxAttempts: 3 },
      ),
      MajorityRedisModule.forRoot({ nodes: others.urls, name: 'audit' }),
    ];
    const app = await start({ imports, providers: [Shop] });
    const { emails, receipts, audited } = app.get(Shop);
    expect(app.get(getQueueToken('emails', 'audit'))).toBe(audited);
    const attempts: number[] = [];
    for (const queue of [emails, receipts, audited] as Queue[]) {
      await queue.put(1);
      const [delivery] = await queue.get();
      attempts.push(delivery!.maxAttempts);
      await delivery!.ack();
    }
    expect(attempts).toEqual([5, 2, 3]);
  });

  it('needs its group anywhere in the application, and in whatever order', async () => {
    @Module({
      imports: [MajorityRedisModule.registerQueue({ name: 'emails' })],
      providers: [Mailer],
      exports: [Mailer],
    })
    class MailModule {}
    const imports = [MailModule, MajorityRedisModule.forRoot({ nodes: others.urls })];
    const app = await Test.createTestingModule({ imports }).compile();
    await app.init();
    await app.get(Mailer).emails.put({ to: 'ada' });
    await app.close();
  });

  it('is shared by modules that import what was registered once', async () => {
    const registered = MajorityRedisModule.registerQueue({ name: 'emails' });
    @Module({ imports: [registered], providers: [Mailer], exports: [Mailer] })
    class MailModule {}
    const app = await start({ imports: [MailModule, registered] });
    expect(app.get(Mailer).emails.name).toBe('emails');
  });

  it('is refused a second time', async () => {
    const imports = [
      MajorityRedisModule.registerQueue({ name: 'emails' }),
      MajorityRedisModule.registerQueue({ name: 'emails' }),
    ];
    await expect(start({ imports })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: `queue must be ${allowed.queueTwice}, got "emails" twice`,
    });
  });

  it('closes the groups that did connect when it is refused', async () => {
    const imports = [
      MajorityRedisModule.forRoot({ nodes: others.urls }),
      MajorityRedisModule.registerQueue({ name: 'emails', lease: 1 }),
    ];
    await expect(Test.createTestingModule({ imports }).compile()).rejects.toMatchObject({
      option: 'lease of queue "emails"',
    });
    await eventually(async () => (await connectionsOf(others.members[0]!)) === 0);
  });

  it('is refused when its group is not there, and the application does not hang', async () => {
    const imports = [MajorityRedisModule.registerQueue({ name: 'emails', group: 'nowhere' })];
    await expect(start({ imports })).rejects.toMatchObject({
      option: 'group of queue "emails"',
      allowed: allowed.knownGroup,
      given: '"nowhere"',
    });
  });

  it('is refused when somebody used it before its defaults were set', async () => {
    const early = {
      provide: 'early',
      useFactory: async (queues: QueueService) => queues.put('emails', 1),
      inject: [QueueService],
    };
    const late = MajorityRedisModule.registerQueueAsync({
      name: 'emails',
      inject: ['early'],
      imports: [{ module: class Early {}, providers: [early], exports: ['early'] }],
      useFactory: () => ({}),
    });
    const group = MajorityRedisModule.forRoot({ nodes: others.urls, isGlobal: true });
    const app = Test.createTestingModule({ imports: [group, late] }).compile();
    await expect(app).rejects.toMatchObject({ option: 'queue', given: '"emails"' });
  });

  it.each([
    [{ name: '' }, 'queue'],
    [{ name: 'emails', group: '' }, 'group of queue "emails"'],
  ])('is refused where it is registered: %j', (registration, option) => {
    expect(() => MajorityRedisModule.registerQueue(registration)).toThrow(expect.objectContaining({ option }));
  });

  it.each([undefined, null, 'emails'])('is refused where it is registered: %j', (registration) => {
    const refusal = expect.objectContaining({ option: 'registration of a queue', allowed: allowed.registration });
    expect(() => MajorityRedisModule.registerQueue(registration as never)).toThrow(refusal);
    expect(() => MajorityRedisModule.registerQueueAsync(registration as never)).toThrow(refusal);
  });

  it('is refused without a factory, a class or an existing provider', () => {
    expect(() => MajorityRedisModule.registerQueueAsync({ name: 'emails' })).toThrow(
      `registerQueueAsync() of queue "emails" must be ${allowed.asyncRegistration}, got none`,
    );
  });

  it.each([
    [{ lease: 1 }, 'lease of queue "emails"'],
    [{ retries: 3 } as QueueRegistrationOptions, 'defaults of queue "emails"'],
    [{ consumer: { concurrency: 0 } }, 'concurrency of consumer of queue "emails"'],
    [{ consumer: { workers: 3 } } as QueueRegistrationOptions, 'consumer of queue "emails"'],
    [{ consumer: { enabled: 'no' } } as never, 'enabled of consumer of queue "emails"'],
  ])('is refused with the options %j', async (options, option) => {
    const register = MajorityRedisModule.registerQueueAsync({ name: 'emails', useFactory: () => options });
    await expect(start({ imports: [register] })).rejects.toMatchObject({ code: 'INVALID_OPTIONS', option });
  });
});
