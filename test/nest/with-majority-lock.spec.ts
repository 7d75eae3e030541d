import { HttpException, Injectable, Module, Scope } from '@nestjs/common';
import type { ModuleMetadata } from '@nestjs/common';
import { ContextIdFactory, ModuleRef } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { LockService, MajorityRedisModule, WithMajorityLock } from 'nestjs-majority-redis';
import type { Lock } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { allowed } from '../../lib/nest/messages.js';
import { gate } from './support/gate.js';

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
  const group = MajorityRedisModule.forRoot({ nodes: servers.urls });
  const app = await Test.createTestingModule({ ...metadata, imports: [group, ...(metadata.imports ?? [])] }).compile();
  try {
    await app.init();
  } catch (error) {
    await app.close().catch(() => {}); // in Nest 11 it repeats what init() threw
    throw error;
  }
  apps.push(app);
  return app;
}

/** What a locked method sees of its lock. */
function seen(lock: Lock | undefined): { keys: readonly string[] | undefined; isHeld: boolean | undefined } {
  return { keys: lock?.keys, isHeld: lock?.isHeld };
}

describe('a locked method', () => {
  @Injectable()
  class Shop {
    constructor(readonly locks: LockService) {}

    @WithMajorityLock('static')
    async byName(): Promise<unknown> {
      return seen(this.locks.current());
    }

    @WithMajorityLock('seat:{0}:{1.id}')
    async byTemplate(_seat: string, _buyer: { id: number }): Promise<unknown> {
      return seen(this.locks.current());
    }

    @WithMajorityLock(['b:{0}', 'a:{0}'])
    async bySeveral(_id: number): Promise<unknown> {
      return seen(this.locks.current());
    }

    @WithMajorityLock((...seats: string[]) => seats.map((seat) => `seat:${seat}`))
    async byFunction(..._seats: string[]): Promise<unknown> {
      return seen(this.locks.current());
    }

    @WithMajorityLock('sync')
    sync(value: number): number {
      return value + 1;
    }

    @WithMajorityLock('fails')
    async fail(error: unknown): Promise<void> {
      throw error;
    }

    @WithMajorityLock('fails')
    failAtOnce(error: unknown): void {
      throw error;
    }
  }

  let shop: Shop;
  beforeAll(async () => {
    const app = await start({ providers: [Shop] });
    apps.splice(0); // this one is for all tests of the block
    shop = app.get(Shop);
    return () => app.close();
  });

  it('holds the lock of its key while it runs, and sees it as current()', async () => {
    await expect(shop.byName()).resolves.toEqual({ keys: ['static'], isHeld: true });
    await expect(shop.byTemplate('A1', { id: 7 })).resolves.toEqual({ keys: ['seat:A1:7'], isHeld: true });
    await expect(shop.bySeveral(1)).resolves.toEqual({ keys: ['a:1', 'b:1'], isHeld: true });
    await expect(shop.byFunction('A1', 'A2')).resolves.toEqual({ keys: ['seat:A1', 'seat:A2'], isHeld: true });
    expect(shop.locks.current()).toBeUndefined();
    await expect(shop.locks.inspect('static')).resolves.toMatchObject({ mode: 'free' });
  });

  it('becomes async when it is not', async () => {
    const result = shop.sync(1) as unknown;
    expect(result).toBeInstanceOf(Promise);
    await expect(result).resolves.toBe(2);
  });

  it('rejects, and does not run, when an argument cannot be part of the key', async () => {
    await expect(shop.byTemplate('A1', {} as { id: number })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      option: '{1.id} in the key "seat:{0}:{1.id}"',
    });
    await expect(shop.byFunction()).rejects.toMatchObject({ code: 'INVALID_OPTIONS', option: 'keys' });
  });

  it('passes on what it throws as it is, and releases the lock', async () => {
    for (const error of [new HttpException('sold', 409), new Error('x'), 'a string', undefined]) {
      await expect(shop.fail(error)).rejects.toBe(error);
      await expect(async () => shop.failAtOnce(error)).rejects.toBe(error);
    }
    await expect(shop.locks.inspect('fails')).resolves.toMatchObject({ mode: 'free' });
  });
});

describe('what a locked method throws', () => {
  it('reaches the caller also when no quorum confirms the release', async () => {
    const error = new HttpException('sold', 409);

    @Injectable()
    class Shop {
      @WithMajorityLock('freeze')
      async sell(): Promise<void> {
        servers.members.forEach((member) => member.freeze());
        throw error;
      }
    }
    const app = await start({ providers: [Shop] });
    try {
      await expect(app.get(Shop).sell()).rejects.toBe(error);
    } finally {
      servers.members.forEach((member) => member.thaw());
    }
  });
});

describe('onBusy', () => {
  @Injectable()
  class Shop {
    runs = 0;
    constructor(readonly locks: LockService) {}

    @WithMajorityLock('busy')
    async orThrow(): Promise<number> {
      return ++this.runs;
    }

    @WithMajorityLock('busy', { onBusy: 'skip' })
    async orSkip(): Promise<number> {
      return ++this.runs;
    }

    @WithMajorityLock('busy', { onBusy: 'wait' })
    async orWait(): Promise<number> {
      return ++this.runs;
    }

    @WithMajorityLock('busy', { onBusy: 'wait', waitFor: 100 })
    async orWaitAWhile(): Promise<number> {
      return ++this.runs;
    }
  }

  it("'throw' rejects with LockUnavailableError, 'skip' resolves with undefined, neither runs", async () => {
    const shop = (await start({ providers: [Shop] })).get(Shop);
    await using lock = await shop.locks.acquire('busy');
    await expect(shop.orThrow()).rejects.toMatchObject({ code: 'LOCK_UNAVAILABLE', keys: ['busy'] });
    await expect(shop.orSkip()).resolves.toBeUndefined();
    await expect(shop.orWaitAWhile()).rejects.toMatchObject({ code: 'LOCK_UNAVAILABLE', keys: ['busy'] });
    expect(shop.runs).toBe(0);
    await lock.release();
    await expect(shop.orSkip()).resolves.toBe(1);
  });

  it("'wait' runs when the holder has let go", async () => {
    const shop = (await start({ providers: [Shop] })).get(Shop);
    await using lock = await shop.locks.acquire('busy');
    const waiting = shop.orWait();
    await expect(shop.orSkip()).resolves.toBeUndefined();
    await lock.release();
    await expect(waiting).resolves.toBe(1);
  });

  it("'skip' does not hide that there is no quorum", async () => {
    const shop = (await start({ providers: [Shop] })).get(Shop);
    servers.members.forEach((member) => member.freeze());
    try {
      await expect(shop.orSkip()).rejects.toMatchObject({ code: 'NO_QUORUM' });
    } finally {
      servers.members.forEach((member) => member.thaw());
    }
  });
});

describe('calls inside calls', () => {
  @Injectable()
  class Shop {
    constructor(readonly locks: LockService) {}

    @WithMajorityLock('order:{0}')
    async outer(id: number): Promise<unknown[]> {
      const before = this.locks.current();
      const inner = await this.inner(id);
      return [before?.token, inner, this.locks.current()?.token];
    }

    @WithMajorityLock('order:{0}')
    async inner(_id: number): Promise<number | undefined> {
      return this.locks.current()?.token;
    }

    @WithMajorityLock('a')
    @WithMajorityLock('b')
    async both(): Promise<string[]> {
      const [a, b] = await Promise.all([this.locks.inspect('a'), this.locks.inspect('b')]);
      return [a.mode, b.mode];
    }
  }

  it('do not wait for the lock their call chain holds, and see the same token', async () => {
    const shop = (await start({ providers: [Shop] })).get(Shop);
    const [before, inner, after] = await shop.outer(1);
    expect(before).toBeTypeOf('number');
    expect([inner, after]).toEqual([before, before]);
    await expect(shop.locks.inspect('order:1')).resolves.toMatchObject({ mode: 'free' });
  });

  it('of other chains do wait', async () => {
    const shop = (await start({ providers: [Shop] })).get(Shop);
    const results = await Promise.allSettled([shop.inner(2), shop.inner(2)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('take both locks of a method that is decorated twice', async () => {
    const shop = (await start({ providers: [Shop] })).get(Shop);
    await expect(shop.both()).resolves.toEqual(['exclusive', 'exclusive']);
  });
});

describe('instances of any kind', () => {
  class Base {
    locks?: LockService;

    @WithMajorityLock('kind')
    async run(): Promise<string | undefined> {
      return this.locks?.current()?.keys[0];
    }
  }

  @Injectable()
  class Singleton extends Base {
    constructor(override readonly locks: LockService) {
      super();
    }
  }

  @Injectable({ scope: Scope.REQUEST })
  class PerRequest extends Base {
    constructor(override readonly locks: LockService) {
      super();
    }
  }

  @Injectable({ scope: Scope.TRANSIENT })
  class Transient extends Base {
    constructor(override readonly locks: LockService) {
      super();
    }
  }

  @Injectable()
  abstract class Template {
    constructor(protected readonly locks: LockService) {}

    @WithMajorityLock('template')
    async run(): Promise<string> {
      return this.step();
    }

    protected abstract step(): Promise<string>;
  }

  @Injectable()
  class Filled extends Template {
    protected async step(): Promise<string> {
      return `step under ${this.locks.current()?.keys.join()}`;
    }
  }

  @Injectable()
  class Overriding extends Singleton {
    override async run(): Promise<string> {
      return `outside ${this.locks.current()?.keys.join()}, inside ${await super.run()}`;
    }
  }

  @Injectable()
  class OverridingLocked extends Singleton {
    @WithMajorityLock('kind')
    override async run(): Promise<string> {
      return `${this.locks.current()?.keys.join()}, inside ${await super.run()}`;
    }
  }

  @Injectable()
  class Holder {
    constructor(
      readonly transient: Transient,
      readonly module: ModuleRef,
    ) {}
  }

  it('are locked: singletons, per request, transient, inherited, abstract bases, overridden', async () => {
    const app = await start({
      providers: [Singleton, PerRequest, Transient, Filled, Overriding, OverridingLocked, Holder],
    });
    await expect(app.get(Singleton).run()).resolves.toBe('kind');
    await expect(app.get(Holder).transient.run()).resolves.toBe('kind');
    await expect(app.get(Filled).run()).resolves.toBe('step under template');
    await expect(app.get(Overriding).run()).resolves.toBe('outside undefined, inside kind');
    await expect(app.get(OverridingLocked).run()).resolves.toBe('kind, inside kind');

    const [one, two] = await Promise.all([1, 2].map(() => app.resolve(PerRequest, ContextIdFactory.create())));
    expect(one).not.toBe(two);
    await expect(one!.run()).resolves.toBe('kind');
    await expect((await app.resolve(Transient)).run()).resolves.toBe('kind');
    await expect((await app.get(Holder).module.create(Singleton)).run()).resolves.toBe('kind');
  });

  it('are locked when a factory of the application made them', async () => {
    const app = await start({
      providers: [
        { provide: 'made', useFactory: (locks: LockService) => new Singleton(locks), inject: [LockService] },
        { provide: 'value', useValue: new Base() },
        { provide: 'alias', useExisting: 'made' },
      ],
    });
    await expect(app.get<Singleton>('made').run()).resolves.toBe('kind');
    await expect(app.get<Singleton>('alias').run()).resolves.toBe('kind');
    await expect(app.get<Base>('value').run()).resolves.toBeUndefined(); // it ran, and has no service to ask
  });

  it('use the group that the decorator names', async () => {
    @Injectable()
    class Audit {
      constructor(readonly locks: LockService) {}

      @WithMajorityLock('entry', { group: 'audit' })
      async write(): Promise<string> {
        return (await this.locks.inspect('entry')).mode;
      }
    }
    const imports = [MajorityRedisModule.forRoot({ nodes: others.urls, name: 'audit' })];
    const app = await start({ imports, providers: [Audit] });
    await expect(app.get(Audit).write()).resolves.toBe('free'); // in the default group
  });

  it('use the services of their own application', async () => {
    const inside = gate();
    const opened = gate();

    @Injectable()
    class Shop {
      constructor(readonly locks: LockService) {}

      @WithMajorityLock('apps')
      async sell(): Promise<boolean> {
        inside.open();
        await opened.passed;
        return this.locks.current()?.isHeld ?? false;
      }
    }
    const [one, two] = [await start({ providers: [Shop] }), await start({ providers: [Shop] })];
    const first = one.get(Shop).sell();
    await inside.passed;
    await expect(two.get(Shop).sell()).rejects.toMatchObject({ code: 'LOCK_UNAVAILABLE' });
    opened.open();
    await expect(first).resolves.toBe(true);
    await one.close();
    await expect(two.get(Shop).sell()).resolves.toBe(true);
  });
});

describe('an application does not start', () => {
  it("with Nest's own message when the module of a locked class lacks MajorityRedisModule", async () => {
    @Injectable()
    class Shop {
      @WithMajorityLock('k')
      async sell(): Promise<void> {}
    }
    @Module({ providers: [Shop] })
    class ShopModule {}
    await expect(Test.createTestingModule({ imports: [ShopModule] }).compile()).rejects.toThrow(
      /Nest can't resolve dependencies of the Shop.*LockService of group "default" for @WithMajorityLock/s,
    );
  });

  it('when a factory makes an instance whose group is not there', async () => {
    class Shop {
      @WithMajorityLock('k', { group: 'nowhere' })
      async sell(): Promise<void> {}
    }
    await expect(start({ providers: [{ provide: Shop, useFactory: () => new Shop() }] })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      option: 'group of @WithMajorityLock() on Shop.sell()',
      allowed: allowed.knownGroup,
    });
  });
});
