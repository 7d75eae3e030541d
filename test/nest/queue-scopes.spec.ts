import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { ContextIdFactory, REQUEST } from '@nestjs/core';
import type { ContextId, ContextIdStrategy, HostComponentInfo } from '@nestjs/core';
import { LockService, QueueConsumer, QueueService, WithMajorityLock } from 'nestjs-majority-redis';
import type { Delivery } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keyMaker } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { QueueApps } from './support/queue-apps.js';

let servers: LocalGroup;
const apps = new QueueApps();
const nextQueue = keyMaker('queue');

beforeAll(async () => {
  servers = await startLocalGroup({ size: 3 });
});
afterEach(() => apps.close());
afterAll(() => servers.stop());

const bodies = [{ body: 1 }, { body: 2 }, { body: 3 }];

describe('a consumer', () => {
  it('of a request-scoped provider is a new instance per delivery, which is its REQUEST', async () => {
    const queue = nextQueue();
    const seen: { id: number; body: unknown; isSame: boolean; keys: unknown }[] = [];
    let count = 0;

    @Injectable({ scope: Scope.REQUEST })
    class Unit {
      readonly id = ++count;
      constructor(@Inject(REQUEST) readonly delivery: Delivery) {}
    }
    @Injectable()
    class Worker {
      constructor(
        private readonly unit: Unit,
        private readonly locks: LockService,
      ) {}

      @QueueConsumer(queue)
      @WithMajorityLock('unit:{0.body}')
      async work(delivery: Delivery): Promise<void> {
        const { id } = this.unit;
        const keys = this.locks.current()?.keys;
        seen.push({ id, body: delivery.body, isSame: this.unit.delivery === delivery, keys });
      }
    }
    @Module({ providers: [Worker, Unit] })
    class WorkModule {}
    const app = await apps.start(servers.urls, { imports: [WorkModule] }, { isGlobal: true });
    await app.get(QueueService).putAll(queue, bodies);
    await eventually(() => seen.length === 3);
    expect(seen).toEqual(
      [1, 2, 3].map((number) => ({ id: number, body: number, isSame: true, keys: [`unit:${number}`] })),
    );
  });

  it('of a transient provider is a new instance per delivery', async () => {
    const queue = nextQueue();
    const seen = new Set<object>();
    @Injectable({ scope: Scope.TRANSIENT })
    class Worker {
      @QueueConsumer(queue)
      work(): void {
        seen.add(this);
      }
    }
    const app = await apps.start(servers.urls, { providers: [Worker] });
    await app.get(QueueService).putAll(queue, bodies);
    await eventually(() => seen.size === 3);
  });

  it('whose instance cannot be made fails like one that throws', async () => {
    const queue = nextQueue();
    @Injectable({ scope: Scope.REQUEST })
    class Worker {
      constructor(@Inject(REQUEST) { body }: Delivery<number>) {
        if (body === 1) throw new Error('no tenant');
      }
      @QueueConsumer(queue)
      work(): void {}
    }
    const app = await apps.start(servers.urls, { providers: [Worker] });
    const handle = app.get(QueueService).of(queue);
    await handle.putAll([{ body: 1, maxAttempts: 2 }, { body: 2 }]);
    await eventually(async () => {
      const { dead, done } = await handle.size();
      return dead === 1 && done === 1;
    });
    expect(await handle.deadLetters()).toMatchObject([{ reason: 'Error: no tenant', attempts: 2 }]);
  });

  it('of a durable provider shares the instance of its tenant', async () => {
    const queue = nextQueue();
    const seen: { tenant: string; instance: object }[] = [];
    class ByTenant implements ContextIdStrategy<Delivery<string>> {
      private readonly tenants = new Map<string, ContextId>();
      attach(contextId: ContextId, { body: tenant }: Delivery<string>) {
        const parent = this.tenants.get(tenant) ?? ContextIdFactory.create();
        this.tenants.set(tenant, parent);
        return {
          resolve: (info: HostComponentInfo) => (info.isTreeDurable ? parent : contextId),
          payload: { tenant },
        };
      }
    }
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Worker {
      constructor(@Inject(REQUEST) private readonly request: { tenant: string }) {}
      @QueueConsumer(queue)
      work(): void {
        seen.push({ tenant: this.request.tenant, instance: this });
      }
    }
    ContextIdFactory.apply(new ByTenant());
    try {
      const app = await apps.start(servers.urls, { providers: [Worker] });
      await app.get(QueueService).putAll(
        queue,
        ['a', 'b', 'a'].map((body) => ({ body })),
      );
      await eventually(() => seen.length === 3);
      expect(seen.map(({ tenant }) => tenant)).toEqual(['a', 'b', 'a']);
      expect(seen[0]!.instance).toBe(seen[2]!.instance);
      expect(seen[0]!.instance).not.toBe(seen[1]!.instance);
    } finally {
      ContextIdFactory.apply(undefined as never);
    }
  });

  it('of a class that two modules provide runs with the instance of each', async () => {
    const queue = nextQueue();
    const seen = new Set<string>();
    @Injectable({ scope: Scope.REQUEST })
    class Worker {
      constructor(@Inject('TITLE') private readonly title: string) {}
      @QueueConsumer(queue)
      async work(): Promise<void> {
        seen.add(this.title);
        await eventually(() => seen.size === 2);
      }
    }
    const module = (title: string) => ({
      module: class Work {},
      providers: [Worker, { provide: 'TITLE', useValue: title }],
    });
    const app = await apps.start(servers.urls, { imports: [module('one'), module('two')] });
    await app.get(QueueService).putAll(queue, bodies);
    await eventually(() => seen.size === 2);
  });
});
