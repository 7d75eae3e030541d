import { Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { QueueConsumer, QueueService } from 'nestjs-majority-redis';
import type { Delivery, QueueConsumerOptions } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keyMaker } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { stays } from '../support/stays.js';
import { expectNothingUnhandled } from '../support/unhandled.js';
import { gate } from './support/gate.js';
import { QueueApps } from './support/queue-apps.js';

expectNothingUnhandled();

let servers: LocalGroup;
let putter: QueueService;
const apps = new QueueApps();
const putters = new QueueApps();
const nextQueue = keyMaker('queue');

beforeAll(async () => {
  servers = await startLocalGroup({ size: 3 });
  putter = (await putters.start(servers.urls, {})).get(QueueService);
});
afterEach(() => apps.close());
afterAll(async () => {
  await putters.close();
  await servers.stop();
});

type Handler = (delivery: Delivery<number>) => unknown;

function startWorker(name: string, handler: Handler, options: QueueConsumerOptions = {}): Promise<TestingModule> {
  @Injectable()
  class Worker {
    @QueueConsumer(name, options)
    work(delivery: Delivery<number>): unknown {
      return handler(delivery);
    }
  }
  return apps.start(servers.urls, { providers: [Worker] });
}

/** One at work, three leased ahead. */
const ahead = { concurrency: 1, prefetch: 3 } as const;

describe('a consumer whose application closes', () => {
  it('lets a running handler finish and acknowledge, and hands out nothing more', async () => {
    const queue = nextQueue();
    const door = gate();
    const seen: number[] = [];
    const app = await startWorker(queue, ({ body }) => (seen.push(body), door.passed), ahead);
    await putter.putAll(queue, [{ body: 1 }, { body: 2 }, { body: 3 }]);
    await eventually(() => seen.length === 1);
    let isClosed = false;
    const closing = app.close().then(() => (isClosed = true));
    // what was leased ahead goes back at once
    await eventually(async () => (await putter.size(queue)).ready === 2);
    await stays(() => !isClosed && seen.length === 1, { for: 200 });
    door.open();
    await closing;
    expect(await putter.size(queue)).toMatchObject({ ready: 2, leased: 0, done: 1 });
    const rest = await putter.get(queue, { count: 2 });
    expect(rest.map(({ body, attempt }) => [body, attempt])).toEqual([
      [2, 1],
      [3, 1],
    ]);
    await Promise.all(rest.map((delivery) => delivery.ack()));
  });

  it('gives back what is not done within the grace time, tells the handler, and another gets it at once', async () => {
    const queue = nextQueue();
    const door = gate();
    const deliveries: Delivery<number>[] = [];
    const app = await startWorker(queue, (delivery) => (deliveries.push(delivery), door.passed), {
      lease: 60_000,
      drainTimeout: 300,
    });
    await putter.put(queue, 1);
    await eventually(() => deliveries.length === 1);
    const [held] = deliveries;
    const closedAt = performance.now();
    await app.close();
    const took = performance.now() - closedAt;
    expect(took).toBeGreaterThanOrEqual(290);
    expect(took).toBeLessThan(2000);
    expect(held!.isHeld).toBe(false);
    expect(held!.signal.reason).toMatchObject({ code: 'LEASE_LOST', reason: 'given-back' });

    const [again] = await putter.get<number>(queue, { waitFor: 1000 });
    expect(again).toMatchObject({ body: 1, attempt: 1 });
    // the late handler changes nothing
    door.open();
    await stays(async () => (await putter.size(queue)).leased === 1, { for: 100 });
    await again!.ack();
    expect(apps.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('does not wait longer for a handler that has settled its delivery and works on', async () => {
    const queue = nextQueue();
    const door = gate();
    let isSettled = false;
    const work: Handler = async (delivery) => {
      await delivery.ack();
      isSettled = true;
      await door.passed;
    };
    const app = await startWorker(queue, work, { drainTimeout: 0 });
    await putter.put(queue, 1);
    await eventually(() => isSettled);
    await app.close();
    door.open();
  });

  it('has its handlers finish before beforeApplicationShutdown() of the application', async () => {
    const queue = nextQueue();
    const order: string[] = [];
    const door = gate();
    @Injectable()
    class Database implements BeforeApplicationShutdown {
      isOpen = true;
      beforeApplicationShutdown(): void {
        order.push('database closes');
        this.isOpen = false;
      }
    }
    @Injectable()
    class Worker {
      constructor(private readonly database: Database) {}
      @QueueConsumer(queue)
      async work(): Promise<void> {
        order.push('begins');
        await door.passed;
        order.push(this.database.isOpen ? 'ends' : 'ends too late');
      }
    }
    const app = await apps.start(servers.urls, { providers: [Worker, Database] });
    await putter.put(queue, 1);
    await eventually(() => order.length === 1);
    const closing = app.close();
    await stays(() => order.length === 1, { for: 100 });
    door.open();
    await closing;
    expect(order).toEqual(['begins', 'ends', 'database closes']);
    expect(await putter.size(queue)).toMatchObject({ done: 1 });
  });

  it('closes also while no quorum answers', async () => {
    const queue = nextQueue();
    const door = gate();
    let count = 0;
    const app = await startWorker(queue, () => (count++, door.passed), { drainTimeout: 100, lease: 1000 });
    await putter.put(queue, 1);
    await eventually(() => count === 1);
    servers.members.slice(0, 2).forEach((member) => member.freeze());
    try {
      await app.close();
    } finally {
      servers.members.forEach((member) => member.thaw());
    }
    door.open();
    const [again] = await putter.get(queue, { waitFor: 10_000 });
    await again!.ack();
  });
});

describe('a consumer whose application starts', () => {
  it('gets its first message when every onModuleInit() is through', async () => {
    const queue = nextQueue();
    await putter.put(queue, 1);
    const order: string[] = [];
    const door = gate();
    @Injectable()
    class Tenants implements OnModuleInit {
      async onModuleInit(): Promise<void> {
        await door.passed;
        order.push('ready');
      }
    }
    @Injectable()
    class Worker {
      @QueueConsumer(queue)
      work(): void {
        order.push('work');
      }
    }
    const starting = apps.start(servers.urls, { providers: [Worker, Tenants] });
    await stays(async () => (await putter.size(queue)).ready === 1, { for: 300 });
    door.open();
    await starting;
    await eventually(() => order.length === 2);
    expect(order).toEqual(['ready', 'work']);
  });
});
