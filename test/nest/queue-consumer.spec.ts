import { Controller, Injectable } from '@nestjs/common';
import type { ModuleMetadata } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import {
  getQueueConsumerMetadata,
  LockService,
  MajorityRedisModule,
  QueueConsumer,
  QueueService,
  UnrecoverableMessageError,
  WithMajorityLock,
} from 'nestjs-majority-redis';
import type { Delivery, Queue, QueueConsumerOptions, QueueSize } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import { concat, delay, EMPTY, of, throwError } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { allowed } from '../../lib/nest/messages.js';
import { keyMaker } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { stays } from '../support/stays.js';
import { expectNothingUnhandled } from '../support/unhandled.js';
import { gate } from './support/gate.js';
import { QueueApps } from './support/queue-apps.js';

expectNothingUnhandled();

let servers: LocalGroup;
let others: LocalGroup;
const apps = new QueueApps();
const nextQueue = keyMaker('queue');

beforeAll(async () => {
  [servers, others] = await Promise.all([startLocalGroup({ size: 3 }), startLocalGroup({ size: 1 })]);
});
afterEach(() => apps.close());
afterAll(async () => {
  await Promise.all([servers.stop(), others.stop()]);
});

const start = (metadata: ModuleMetadata): Promise<TestingModule> => apps.start(servers.urls, metadata);

type Handler = (delivery: Delivery<number>) => unknown;

/** An application whose only consumer of a fresh queue is the given function. */
async function consuming(
  handler: Handler,
  options?: QueueConsumerOptions,
): Promise<{ queue: Queue<number>; app: TestingModule }> {
  const name = nextQueue();
  @Injectable()
  class Worker {
    @QueueConsumer(name, options)
    work(delivery: Delivery<number>): unknown {
      return handler(delivery);
    }
  }
  const app = await start({ providers: [Worker] });
  return { queue: app.get(QueueService).of<number>(name), app };
}

async function settledOf(queue: Queue<number>, expected: Partial<QueueSize>): Promise<void> {
  await eventually(async () => {
    expect(await queue.size()).toMatchObject(expected);
    return true;
  });
}

describe('a consuming method', () => {
  it('gets each message as a delivery, and acknowledges it when it resolves', async () => {
    const seen: Delivery<number>[] = [];
    const { queue } = await consuming(async (delivery) => void seen.push(delivery));
    const { id } = await queue.put(7, { priority: 3 });
    await settledOf(queue, { done: 1, leased: 0 });
    expect(seen).toMatchObject([{ id, body: 7, attempt: 1, priority: 3, queue: queue.name }]);
  });

  it.each([
    ['nothing', () => undefined],
    ['an Observable', () => of(1, 2).pipe(delay(20))],
    ['an Observable of nothing', () => EMPTY],
  ])('acknowledges a message also when it returns %s', async (_, handler) => {
    const { queue } = await consuming(handler);
    await queue.put(1);
    await settledOf(queue, { done: 1 });
  });

  it('awaits an Observable to its end', async () => {
    const door = gate();
    const { queue } = await consuming(() => concat(of(1), door.passed));
    await queue.put(1);
    await settledOf(queue, { leased: 1 });
    await stays(async () => (await queue.size()).leased === 1, { for: 200 });
    door.open();
    await settledOf(queue, { done: 1 });
  });

  it.each<[string, Handler]>([
    [
      'throws',
      () => {
        throw new Error('smtp down');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('smtp down'))],
    [
      'returns an Observable that fails',
      () =>
        concat(
          of(1),
          throwError(() => new Error('smtp down')),
        ),
    ],
  ])('gets a message again after its backoff when it %s, until that is a dead letter', async (_, fail) => {
    const times: number[] = [];
    const { queue } = await consuming((delivery) => {
      times.push(performance.now());
      return fail(delivery);
    });
    const { id } = await queue.put(1, { maxAttempts: 3, backoff: { type: 'fixed', delay: 100 } });
    await settledOf(queue, { dead: 1, leased: 0, ready: 0, delayed: 0 });
    expect(times).toHaveLength(3);
    expect(times[1]! - times[0]!).toBeGreaterThan(90);
    expect(await queue.deadLetters()).toMatchObject([{ id, attempts: 3, reason: 'Error: smtp down' }]);
    const failed = `error [QueueConsumer] Worker.work() failed on message ${id} of queue "${queue.name}"`;
    expect(apps.lines.filter((line) => line.includes('failed'))).toEqual([
      `${failed} (attempt 1 of 3), which comes again: Error: smtp down`,
      `${failed} (attempt 2 of 3), which comes again: Error: smtp down`,
      `${failed} (attempt 3 of 3), which is a dead letter now: Error: smtp down`,
    ]);
  });

  it('goes on with other messages while one fails', async () => {
    const done: number[] = [];
    const { queue } = await consuming(async ({ body }) => {
      if (body === 3) throw new Error('bad message');
      done.push(body);
    });
    for (const body of [1, 2, 3, 4, 5]) await queue.put(body, { maxAttempts: 2 });
    await settledOf(queue, { done: 4, dead: 1 });
    expect(done).toEqual([1, 2, 4, 5]);
  });

  it('makes a message a dead letter at once by UnrecoverableMessageError or reject()', async () => {
    const { queue } = await consuming(async (delivery) => {
      if (delivery.body === 1) throw new UnrecoverableMessageError('no such address');
      await delivery.reject('not ours');
    });
    await queue.putAll([{ body: 1 }, { body: 2 }]);
    await settledOf(queue, { dead: 2 });
    const letters = await queue.deadLetters();
    expect(letters.map(({ body, attempts, reason }) => ({ body, attempts, reason }))).toEqual(
      expect.arrayContaining([
        { body: 1, attempts: 1, reason: 'no such address' },
        { body: 2, attempts: 1, reason: 'not ours' },
      ]),
    );
    expect(apps.lines.filter((line) => line.includes('failed'))).toHaveLength(1);
  });

  it('may settle a delivery itself', async () => {
    const seen: number[] = [];
    const { queue } = await consuming(async (delivery) => {
      seen.push(delivery.attempt);
      if (delivery.attempt === 1) await delivery.nack({ delay: 10 });
      else if (delivery.attempt === 2) await delivery.ack();
      if (delivery.attempt === 2) throw new Error('after all');
    });
    await queue.put(1);
    await settledOf(queue, { done: 1 });
    expect(seen).toEqual([1, 2]);
    expect(apps.lines.filter((line) => line.startsWith('warn'))).toEqual([]);
    await eventually(() => apps.lines.some((line) => line.includes('which was settled before: Error: after all')));
  });

  it('has a backoff rule of its own; one that throws does not keep the message', async () => {
    const asked: unknown[] = [];
    const { queue } = await consuming(
      async ({ body, attempt }) => {
        if (attempt < 3) throw new RangeError(`failed ${body}`);
      },
      {
        backoff: (attempt, error) => {
          asked.push([attempt, error]);
          if (attempt === 2) throw new TypeError('no rule');
          return 5;
        },
      },
    );
    await queue.put(1);
    await settledOf(queue, { done: 1 });
    expect(asked).toMatchObject([
      [1, new RangeError('failed 1')],
      [2, new RangeError('failed 1')],
    ]);
  });

  it('is not told to go on when its lease is lost, and nothing is unhandled', async () => {
    const reasons: unknown[] = [];
    const { queue, app } = await consuming(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            reject(signal.reason as Error);
          });
        }),
      { lease: 300 },
    );
    await queue.put(1);
    await settledOf(queue, { leased: 1 });
    servers.members.slice(0, 2).forEach((member) => member.freeze());
    try {
      await eventually(() => reasons.length > 0);
      expect(reasons).toMatchObject([{ code: 'LEASE_LOST', reason: 'validity-passed' }]);
      await eventually(() =>
        apps.lines.some((line) => /^warn \[MajorityRedis\] lease lost: message .* of queue/.test(line)),
      );
    } finally {
      servers.members.forEach((member) => member.thaw());
    }
    await app.close();
  });

  it('never has its body logged', async () => {
    const secret = 4_711_123;
    const { queue } = await consuming(() => {
      throw new Error('failed');
    });
    await queue.put(secret, { maxAttempts: 2 });
    await settledOf(queue, { dead: 1 });
    expect(apps.lines.join('\n')).not.toContain(String(secret));
  });
});

describe('concurrency', () => {
  it.each([1, 3])('bounds how many messages a method has at a time: %d', async (concurrency) => {
    let now = 0;
    let most = 0;
    const door = gate();
    const { queue } = await consuming(
      async () => {
        most = Math.max(most, ++now);
        await door.passed;
        now--;
      },
      { concurrency },
    );
    await queue.putAll(Array.from({ length: 10 }, (_, body) => ({ body })));
    await eventually(() => now === concurrency);
    await stays(() => now === concurrency, { for: 200 });
    door.open();
    await settledOf(queue, { done: 10 });
    expect(most).toBe(concurrency);
  });

  it('comes from the configuration of the registered queue unless the decorator has it', async () => {
    const [one, two] = [nextQueue(), nextQueue()];
    const now = { one: 0, two: 0 };
    const door = gate();
    @Injectable()
    class Worker {
      @QueueConsumer(one)
      async first(): Promise<void> {
        now.one++;
        await door.passed;
      }
      @QueueConsumer(two, { concurrency: 2 })
      async second(): Promise<void> {
        now.two++;
        await door.passed;
      }
    }
    const settings = { provide: 'SETTINGS', useValue: { workers: 4 } };
    const register = (name: string) =>
      MajorityRedisModule.registerQueueAsync({
        name,
        imports: [{ module: class Config {}, providers: [settings], exports: ['SETTINGS'] }],
        inject: ['SETTINGS'],
        useFactory: ({ workers }: { workers: number }) => ({ consumer: { concurrency: workers } }),
      });
    const app = await start({ imports: [register(one), register(two)], providers: [Worker] });
    for (const name of [one, two]) {
      await app.get(QueueService).putAll(
        name,
        Array.from({ length: 8 }, (_, body) => ({ body })),
      );
    }
    await eventually(() => now.one === 4 && now.two === 2);
    await stays(() => now.one === 4 && now.two === 2, { for: 200 });
    door.open();
    expect(apps.lines).toContain(`log [QueueConsumer] Worker.first() consumes queue "${one}" (concurrency 4)`);
    expect(apps.lines).toContain(`log [QueueConsumer] Worker.second() consumes queue "${two}" (concurrency 2)`);
  });

  it('lets an application put only, by enabled: false of the registered queue', async () => {
    const name = nextQueue();
    const seen: unknown[] = [];
    @Injectable()
    class Worker {
      @QueueConsumer(name)
      work({ body }: Delivery): void {
        seen.push(body);
      }
    }
    const register = (enabled: boolean) => MajorityRedisModule.registerQueue({ name, consumer: { enabled } });
    const putter = await start({ imports: [register(false)], providers: [Worker] });
    await putter.get(QueueService).put(name, 1);
    await stays(async () => (await putter.get(QueueService).size(name)).ready === 1, { for: 200 });
    await start({ imports: [register(true)], providers: [Worker] });
    await eventually(() => seen.length === 1);
  });
});

describe('consumers are found', () => {
  it('in base classes, on values and on what factories make, once per instance', async () => {
    const name = nextQueue();
    const seen: string[] = [];
    class Base {
      constructor(readonly title: string) {}
      @QueueConsumer(name)
      async work({ body }: Delivery<string>): Promise<void> {
        seen.push(`${this.title} ${body}`);
      }
    }
    class Derived extends Base {}
    const app = await start({
      providers: [
        { provide: 'value', useValue: new Derived('value') },
        { provide: 'again', useExisting: 'value' },
        { provide: 'same', useFactory: (value: Derived) => value, inject: ['value'] },
        { provide: 'made', useFactory: () => new Base('made') },
      ],
    });
    const started = apps.lines.filter((line) => line.includes('consumes queue'));
    expect(started.map((line) => line.slice(0, 40))).toHaveLength(2);
    await app.get(QueueService).put(name, 'a');
    await eventually(() => seen.length === 1);
  });

  it('for several queues on one method', async () => {
    const [one, two] = [nextQueue(), nextQueue()];
    const seen: string[] = [];
    @Injectable()
    class Worker {
      @QueueConsumer(one)
      @QueueConsumer(two)
      work({ queue }: Delivery): void {
        seen.push(queue);
      }
    }
    const app = await start({ providers: [Worker] });
    expect(getQueueConsumerMetadata(Worker.prototype.work)).toMatchObject([{ queue: one }, { queue: two }]);
    await app.get(QueueService).put(one, 1);
    await app.get(QueueService).put(two, 1);
    await eventually(() => seen.length === 2);
    expect(seen.toSorted()).toEqual([one, two].toSorted());
  });

  it('for the queue of a named group', async () => {
    const name = nextQueue();
    const seen: unknown[] = [];
    @Injectable()
    class Worker {
      @QueueConsumer(name, { group: 'audit' })
      work({ body }: Delivery): void {
        seen.push(body);
      }
    }
    const audit = MajorityRedisModule.forRoot({ nodes: others.urls, name: 'audit' });
    const queues = MajorityRedisModule.registerQueue({ name, group: 'audit', consumer: { concurrency: 3 } });
    const app = await start({ imports: [audit, queues], providers: [Worker] });
    await app.get(QueueService).put(name, 'default');
    await app.get<QueueService>('QueueService:audit').put(name, 'audit');
    await eventually(() => seen.length === 1);
    expect(seen).toEqual(['audit']);
    expect(apps.lines).toContain(`log [QueueConsumer] Worker.work() consumes queue "${name}" (concurrency 3)`);
  });

  it('in two applications of one process, which share the work', async () => {
    const name = nextQueue();
    const seen: string[] = [];
    const worker = (title: string) => {
      @Injectable()
      class Worker {
        @QueueConsumer(name)
        async work({ id }: Delivery): Promise<void> {
          seen.push(`${title} ${id}`);
          await eventually(() => new Set(seen.map((line) => line.split(' ')[0])).size === 2);
        }
      }
      return Worker;
    };
    const one = await start({ providers: [worker('one')] });
    await start({ providers: [worker('two')] });
    const queue = one.get(QueueService).of(name);
    await queue.putAll(Array.from({ length: 20 }, (_, body) => ({ body })));
    await eventually(async () => (await queue.size()).done === 20);
    expect(new Set(seen.map((line) => line.split(' ')[1])).size).toBe(20);
    expect(seen).toHaveLength(20);
  });
});

describe('a consumer is refused', () => {
  it('where it decorates, for a bad queue, bad options, and what is no method', () => {
    const decorate = (queue: string, options?: object) => () => QueueConsumer(queue, options as QueueConsumerOptions);
    expect(decorate('')).toThrow(expect.objectContaining({ option: 'queue' }));
    expect(decorate('q', { concurrency: 0 })).toThrow(
      expect.objectContaining({ option: 'concurrency of @QueueConsumer()' }),
    );
    expect(decorate('q', { workers: 2 })).toThrow(expect.objectContaining({ option: 'options of @QueueConsumer()' }));
    expect(decorate('q', { group: '' })).toThrow(expect.objectContaining({ option: 'group of @QueueConsumer()' }));
    expect(decorate('q', { enhancers: ['pipes'] })).toThrow(expect.objectContaining({ allowed: allowed.enhancers }));
    class Holder {
      static work(): void {}
    }
    const property = Object.getOwnPropertyDescriptor(Holder, 'work')!;
    expect(() => QueueConsumer('q')(Holder, 'work', property)).toThrow(
      expect.objectContaining({ allowed: allowed.consumerMethod }),
    );
  });

  it('at the start, on a controller', async () => {
    @Controller()
    class Mails {
      @QueueConsumer('q')
      work(): void {}
    }
    await expect(start({ controllers: [Mails] })).rejects.toMatchObject({
      allowed: allowed.consumerHost,
      given: 'Mails.work',
    });
  });

  it('at the start, for a group that is not there and a lease that the group does not allow', async () => {
    @Injectable()
    class Lost {
      @QueueConsumer('q', { group: 'nowhere' })
      work(): void {}
    }
    await expect(start({ providers: [Lost] })).rejects.toMatchObject({
      option: 'group of @QueueConsumer() on Lost.work()',
      allowed: allowed.knownGroup,
    });
    @Injectable()
    class Long {
      @QueueConsumer('q', { lease: 61_000 })
      work(): void {}
    }
    await expect(start({ providers: [Long] })).rejects.toMatchObject({
      option: 'lease of @QueueConsumer() on Long.work()',
    });
  });
});

describe('with @WithMajorityLock() on the same method', () => {
  it.each(['above', 'below'])('a message is handled under the lock, with the lock %s', async (where) => {
    const name = nextQueue();
    const seen: unknown[] = [];
    const lock = WithMajorityLock('mailbox:{0.body}');
    const consumer = QueueConsumer(name);
    const [outer, inner] = where === 'above' ? [lock, consumer] : [consumer, lock];
    @Injectable()
    class Worker {
      constructor(private readonly locks: LockService) {}
      @(outer as MethodDecorator)
      @(inner as MethodDecorator)
      async work({ body }: Delivery<string>): Promise<void> {
        seen.push([body, this.locks.current()?.keys]);
      }
    }
    const app = await start({ providers: [Worker] });
    await app.get(QueueService).put(name, 'ada');
    await eventually(() => seen.length === 1);
    expect(seen).toEqual([['ada', ['mailbox:ada']]]);
  });

  it('a message is tried again when another holds the lock', async () => {
    const name = nextQueue();
    const seen: number[] = [];
    @Injectable()
    class Worker {
      constructor(readonly locks: LockService) {}
      @QueueConsumer(name)
      @WithMajorityLock('busy')
      async work({ attempt }: Delivery): Promise<void> {
        seen.push(attempt);
      }
    }
    const app = await start({ providers: [Worker] });
    const lock = await app.get(LockService).acquire('busy');
    await app.get(QueueService).put(name, 1, { backoff: { type: 'fixed', delay: 20 }, maxAttempts: 1000 });
    await eventually(() => apps.lines.some((line) => line.includes('LockUnavailableError')));
    await lock.release();
    await eventually(() => seen.length === 1);
    expect(seen[0]).toBeGreaterThan(1);
  });

  it('a handler that acknowledges inside its lock lends it to no other', async () => {
    const name = nextQueue();
    const held: unknown[] = [];
    @Injectable()
    class Worker {
      constructor(private readonly locks: LockService) {}
      @QueueConsumer(name)
      async work(delivery: Delivery<number>): Promise<void> {
        held.push(this.locks.current()?.keys);
        await this.locks.using(`mine ${delivery.body}`, () => delivery.ack());
      }
    }
    const app = await start({ providers: [Worker] });
    const queue = app.get(QueueService).of(name);
    await queue.putAll(Array.from({ length: 5 }, (_, body) => ({ body })));
    await eventually(async () => (await queue.size()).done === 5);
    expect(held).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});
