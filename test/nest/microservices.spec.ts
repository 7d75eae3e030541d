import { Controller, Injectable, Scope, UseFilters, UseGuards } from '@nestjs/common';
import type { CanActivate, INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxy,
  ClientsModule,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { MajorityRedisModule, QueueService, UnrecoverableMessageError } from 'nestjs-majority-redis';
import type { Delivery, PutReceipt } from 'nestjs-majority-redis';
import {
  MajorityRedisQueueClient,
  MajorityRedisQueueStrategy,
  QueueContext,
  QueueExceptionFilter,
  QueueRecord,
  queueTransport,
} from 'nestjs-majority-redis/microservices';
import type { MajorityRedisQueueStrategyOptions } from 'nestjs-majority-redis/microservices';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import { lastValueFrom, of, throwError } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { allowed } from '../../lib/microservices/messages.js';
import { keyMaker } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { stays } from '../support/stays.js';
import { expectNothingUnhandled } from '../support/unhandled.js';
import { gate } from './support/gate.js';
import { fastQueues } from './support/queue-apps.js';

expectNothingUnhandled();

let servers: LocalGroup;
const apps: { close(): Promise<void> }[] = [];
const nextQueue = keyMaker('events');

beforeAll(async () => {
  servers = await startLocalGroup({ size: 3 });
});
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});
afterAll(() => servers.stop());

const groupModule = () => MajorityRedisModule.forRoot({ nodes: servers.urls, queue: fastQueues, isGlobal: true });

async function create(metadata: ModuleMetadata): Promise<INestApplication> {
  const imports = [groupModule(), ...(metadata.imports ?? [])];
  const module = await Test.createTestingModule({ ...metadata, imports }).compile();
  const app = module.createNestApplication({ logger: false });
  apps.push(app);
  return app;
}

/** A hybrid application with the strategy. */
async function start(
  controllers: Type[],
  options: Omit<MajorityRedisQueueStrategyOptions, 'queues'> = {},
  metadata: ModuleMetadata = {},
): Promise<{ app: INestApplication; queues: QueueService }> {
  const app = await create({ ...metadata, controllers });
  const queues = app.get(QueueService);
  app.connectMicroservice({ strategy: new MajorityRedisQueueStrategy({ queues, ...options }) });
  await app.startAllMicroservices();
  await app.init();
  return { app, queues };
}

describe('MajorityRedisQueueStrategy', () => {
  it('serves event patterns from queues of their names, and acknowledges what is handled', async () => {
    const queue = nextQueue();
    const seen: unknown[] = [];
    @Controller()
    class Mails {
      @EventPattern<string>(queue)
      async send(@Payload() to: string, @Ctx() context: QueueContext<string>): Promise<void> {
        const { id, attempt } = context.getDelivery();
        seen.push({ to, id, attempt, queue: context.getQueue() });
      }
    }
    const { queues } = await start([Mails]);
    const { id } = await queues.put(queue, 'ada');
    await eventually(async () => (await queues.size(queue)).done === 1);
    expect(seen).toEqual([{ to: 'ada', id, attempt: 1, queue }]);
  });

  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('smtp down');
      },
      'Internal server error',
    ],
    ['throws an RpcException', () => Promise.reject(new RpcException('smtp down')), 'smtp down'],
    ['returns an Observable that fails', () => throwError(() => new RpcException('smtp down')), 'smtp down'],
  ])('has a message come again when its handler %s, until it is a dead letter', async (_, handle, reason) => {
    const queue = nextQueue();
    const attempts: number[] = [];
    @Controller()
    class Mails {
      @EventPattern<string>(queue)
      send(@Ctx() context: QueueContext): unknown {
        attempts.push(context.getDelivery().attempt);
        return handle();
      }
    }
    const { queues } = await start([Mails]);
    await queues.put(queue, 'ada', { maxAttempts: 2 });
    await eventually(async () => (await queues.size(queue)).dead === 1);
    expect(attempts).toEqual([1, 2]);
    expect(await queues.deadLetters(queue)).toMatchObject([{ reason: expect.stringContaining(reason) as string }]);
  });

  it('has dead letters know the error itself, with QueueExceptionFilter', async () => {
    const queue = nextQueue();
    @Controller()
    @UseFilters(QueueExceptionFilter)
    class Mails {
      @EventPattern<string>(queue)
      async send(@Payload() to: string): Promise<void> {
        throw to === 'nobody' ? new UnrecoverableMessageError('no such address') : new RangeError('smtp down');
      }
    }
    const { queues } = await start([Mails]);
    await queues.putAll(queue, [{ body: 'ada', maxAttempts: 1 }, { body: 'nobody' }]);
    await eventually(async () => (await queues.size(queue)).dead === 2);
    const letters = await queues.deadLetters(queue);
    expect(letters.map(({ body, reason, attempts }) => [body, reason, attempts])).toEqual(
      expect.arrayContaining([
        ['ada', 'RangeError: smtp down', 1],
        ['nobody', 'no such address', 1],
      ]),
    );
  });

  it('lets a handler settle the delivery of its context', async () => {
    const queue = nextQueue();
    @Controller()
    class Mails {
      @EventPattern<string>(queue)
      async send(@Ctx() context: QueueContext): Promise<void> {
        await context.getDelivery().reject('not ours');
      }
    }
    const { queues } = await start([Mails]);
    await queues.put(queue, 'ada');
    await eventually(async () => (await queues.size(queue)).dead === 1);
    expect(await queues.deadLetters(queue)).toMatchObject([{ reason: 'not ours', attempts: 1 }]);
  });

  it('acknowledges when all handlers of a pattern are through, and has all try again when one fails', async () => {
    const queue = nextQueue();
    const seen: string[] = [];
    @Controller()
    class Mails {
      @EventPattern<string>(queue)
      async first(@Ctx() context: QueueContext): Promise<void> {
        seen.push(`first ${context.getDelivery().attempt}`);
      }
      @EventPattern<string>(queue)
      second(@Ctx() context: QueueContext): unknown {
        const { attempt } = context.getDelivery();
        seen.push(`second ${attempt}`);
        return attempt === 1 ? throwError(() => new RpcException('not yet')) : of('done');
      }
    }
    const { queues } = await start([Mails]);
    await queues.put(queue, 1);
    await eventually(async () => (await queues.size(queue)).done === 1);
    expect(seen.toSorted()).toEqual(['first 1', 'first 2', 'second 1', 'second 2']);
  });

  it('runs guards, and makes request-scoped controllers per message', async () => {
    const queue = nextQueue();
    const seen = new Map<string, object>();
    @Injectable()
    class NotBob implements CanActivate {
      canActivate(context: { switchToRpc(): { getData(): unknown } }): boolean {
        return context.switchToRpc().getData() !== 'bob';
      }
    }
    @Controller({ scope: Scope.REQUEST })
    class Mails {
      @EventPattern<string>(queue)
      @UseGuards(NotBob)
      async send(@Payload() to: string): Promise<void> {
        seen.set(to, this);
      }
    }
    const { queues } = await start([Mails]);
    await queues.putAll(
      queue,
      ['ada', 'bob', 'cy'].map((body) => ({ body, maxAttempts: 1 })),
    );
    await eventually(async () => {
      const { done, dead } = await queues.size(queue);
      return done === 2 && dead === 1;
    });
    expect(seen.get('ada')).not.toBe(seen.get('cy'));
  });

  it('bounds what is handled at a time by its options, or those of a pattern', async () => {
    const [one, two] = [nextQueue(), nextQueue()];
    const now = { one: 0, two: 0 };
    const door = gate();
    @Controller()
    class Mails {
      @EventPattern<string>(one)
      async first(): Promise<void> {
        now.one++;
        await door.passed;
      }
      @EventPattern<string>(two, { consumer: { concurrency: 4 } })
      async second(): Promise<void> {
        now.two++;
        await door.passed;
      }
    }
    const { queues } = await start([Mails], { consumer: { concurrency: 2 } });
    for (const queue of [one, two]) {
      await queues.putAll(
        queue,
        Array.from({ length: 8 }, (_, body) => ({ body })),
      );
    }
    await eventually(() => now.one === 2 && now.two === 4);
    await stays(() => now.one === 2 && now.two === 4, { for: 200 });
    door.open();
  });

  it('lets running handlers finish when the application closes, and gives back the rest', async () => {
    const queue = nextQueue();
    const [quick, never] = [gate(), gate()];
    const deliveries: Delivery[] = [];
    @Controller()
    class Mails {
      @EventPattern<string>(queue)
      async send(@Payload() name: string, @Ctx() context: QueueContext): Promise<void> {
        deliveries.push(context.getDelivery());
        await (name === 'quick' ? quick.passed : never.passed);
      }
    }
    const { app } = await start([Mails], { consumer: { concurrency: 2, drainTimeout: 500 } });
    const other = (await create({})).get(QueueService);
    await other.putAll(queue, [{ body: 'quick' }, { body: 'never' }, { body: 'waiting' }]);
    await eventually(() => deliveries.length === 2);
    const closing = app.close();
    await eventually(async () => (await other.size(queue)).ready === 1);
    quick.open();
    await closing;
    expect(await other.size(queue)).toMatchObject({ ready: 2, leased: 0, done: 1 });
    expect(deliveries.find(({ body }) => body === 'never')!.signal.reason).toMatchObject({ reason: 'given-back' });
    never.open();
  });

  it('serves an application that is a microservice only, with the service from its container', async () => {
    const queue = nextQueue();
    const seen: unknown[] = [];
    @Controller()
    class Mails {
      @EventPattern<string>(queue)
      send(@Payload() to: string): void {
        seen.push(to);
      }
    }
    class AppModule {}
    const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(
      { module: AppModule, imports: [groupModule()], controllers: [Mails] },
      {
        logger: false,
        inject: [QueueService],
        useFactory: (queues: QueueService) => ({ strategy: new MajorityRedisQueueStrategy({ queues }) }),
      } as AsyncMicroserviceOptions,
    );
    apps.push(app);
    await app.listen();
    await app.get(QueueService).put(queue, 'ada');
    await eventually(() => seen.length === 1);
    expect(app.unwrap()).toBe(app.get(QueueService));
  });

  it('calls the hooks of tracers around each message', async () => {
    const queue = nextQueue();
    const hooks: string[] = [];
    @Controller()
    class Mails {
      @EventPattern<string>(queue)
      send(): void {
        hooks.push('work');
      }
    }
    const app = await create({ controllers: [Mails] });
    const queues = app.get(QueueService);
    const strategy = new MajorityRedisQueueStrategy({ queues });
    strategy.setOnProcessingStartHook((id, context, done) => {
      hooks.push(`start ${String(id === queueTransport)} ${String(context instanceof QueueContext)}`);
      void done();
    });
    strategy.setOnProcessingEndHook(() => void hooks.push('end'));
    app.connectMicroservice({ strategy });
    await app.startAllMicroservices();
    await queues.put(queue, 1);
    await eventually(() => hooks.length === 3);
    expect(hooks).toEqual(['start true true', 'work', 'end']);
  });
});

describe('a pattern that no queue can serve', () => {
  it('is refused with what is allowed: a request, or what is no name', async () => {
    @Controller()
    class Requests {
      @MessagePattern('sum')
      sum(): number {
        return 1;
      }
    }
    await expect(start([Requests])).rejects.toMatchObject({ code: 'INVALID_OPTIONS', allowed: allowed.event });
    @Controller()
    class Objects {
      @EventPattern({ cmd: 'sum' })
      sum(): void {}
    }
    await expect(start([Objects])).rejects.toMatchObject({ option: 'pattern', allowed: allowed.pattern });
    @Controller()
    class Nameless {
      @EventPattern<string>('')
      sum(): void {}
    }
    await expect(start([Nameless])).rejects.toMatchObject({ option: 'queue' });
  });

  it('does not concern it when it names another transport', async () => {
    const queue = nextQueue();
    const seen: unknown[] = [];
    @Controller()
    class Mixed {
      @MessagePattern('sum', Transport.TCP)
      sum(): number {
        return 1;
      }
      @EventPattern<string>(queue, queueTransport)
      event(@Payload() body: unknown): void {
        seen.push(body);
      }
    }
    const { queues } = await start([Mixed]);
    await queues.put(queue, 1);
    await eventually(() => seen.length === 1);
  });

  it('with bad options keeps the microservice from starting', async () => {
    @Controller()
    class Mails {
      @EventPattern<string>('emails', { consumer: { lease: 61_000 } })
      send(): void {}
    }
    await expect(start([Mails])).rejects.toMatchObject({ option: 'lease of @EventPattern("emails")' });
    expect(() => new MajorityRedisQueueStrategy({} as never)).toThrow(
      expect.objectContaining({ allowed: allowed.queues }),
    );
  });
});

describe('MajorityRedisQueueClient', () => {
  async function startClient() {
    const imports = [
      ClientsModule.registerAsync([
        {
          name: 'MAILS',
          inject: [QueueService],
          useFactory: (queues: QueueService) => ({ customClass: MajorityRedisQueueClient, options: { queues } }),
        },
      ]),
    ];
    const app = await create({ imports });
    return { client: app.get<ClientProxy>('MAILS'), queues: app.get(QueueService) };
  }

  it('puts what it emits, with the options of a record', async () => {
    const queue = nextQueue();
    const { client, queues } = await startClient();
    const { id } = await lastValueFrom(client.emit<PutReceipt>(queue, 'ada'));
    const record = new QueueRecord('alan', { id: 'alan-1', delay: 60_000 });
    expect(await lastValueFrom(client.emit(queue, record))).toEqual({ id: 'alan-1', isDuplicate: false });
    expect(await queues.size(queue)).toMatchObject({ ready: 1, delayed: 1 });
    expect(await queues.get(queue, { waitFor: 5000 })).toMatchObject([{ id, body: 'ada' }]);
    expect(client.unwrap()).toBe(queues);
  });

  it('refuses bad names, bad bodies and requests', async () => {
    const { client } = await startClient();
    await expect(lastValueFrom(client.emit('', 1))).rejects.toMatchObject({ option: 'queue' });
    await expect(lastValueFrom(client.emit({ cmd: 'x' }, 1))).rejects.toMatchObject({ option: 'queue' });
    await expect(lastValueFrom(client.emit('emails', () => 1))).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(lastValueFrom(client.send('emails', 1))).rejects.toMatchObject({ allowed: allowed.send });
  });
});
