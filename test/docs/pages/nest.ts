import { Controller, Get, Injectable } from '@nestjs/common';
import { LockService, LockUnavailableError, MajorityRedisService } from 'nestjs-majority-redis';
import { expect } from 'vitest';
import { eventually } from '../../support/eventually.js';
import type { PageUses } from './page-uses.js';

@Injectable()
class Elsewhere {
  constructor(
    readonly locks: LockService,
    readonly group: MajorityRedisService,
  ) {}
}

@Controller('busy')
class Busy {
  constructor(private readonly locks: LockService) {}

  @Get()
  async get() {
    await this.locks.acquire('busy');
  }
}

export const nest: PageUses = {
  'Import the module': async ({ AppModule }, stage) => {
    const app = await stage.boot({ module: class Application {}, imports: [AppModule], providers: [Elsewhere] });
    await using lock = await app.get(Elsewhere).locks.acquire('any');
    expect(lock.remaining).toBeGreaterThan(0);
    expect(lock.remaining).toBeLessThan(5_000);
  },

  'Import the module (2)': async ({ fromFactory, fromExisting, SettingsModule }, stage) => {
    for (const group of [fromFactory, { ...fromExisting, global: true }]) {
      const imports = [SettingsModule, group];
      const app = await stage.boot({ module: class Application {}, imports, providers: [Elsewhere] });
      expect(app.get(Elsewhere).group.status()).toMatchObject({ hasQuorum: true, groupSize: 3 });
    }
  },

  'Several groups': async ({ Ledger, LedgerModule }, stage) => {
    const app = await stage.boot(LedgerModule);
    // a start waits for a quorum only
    await eventually(async () => (await app.get(Ledger).write('6')).votes === 3);
    expect(await app.get(Ledger).write('7')).toEqual({
      id: '7',
      token: expect.any(Number),
      votes: 3,
      seats: undefined,
    });
  },

  'Lock a method': async ({ Orders }, stage) => {
    const app = await stage.bootWithGroup({ controllers: [Orders] });
    const answer = await fetch(`${await app.getUrl()}/orders/7/pay`, { method: 'POST' });
    expect(await answer.json()).toEqual({ id: '7', token: expect.any(Number), safe: true });
    const orders = app.get(Orders);
    const order = { id: 8, seats: ['B1', 'B2'] };
    expect([await orders.report(order), await orders.refund(order)]).toEqual([8, 8]);
    const { locks } = await stage.connect();
    await using _ = await locks.acquire(['order:8', 'seat:B2']);
    expect(await orders.report(order)).toBeUndefined();
    await expect(orders.refund(order)).rejects.toBeInstanceOf(LockUnavailableError);
  },

  'Answer requests that found the lock taken': async ({ FilterModule }, stage) => {
    const app = await stage.bootWithGroup({ imports: [FilterModule], controllers: [Busy] });
    const { locks } = await stage.connect();
    await using _ = await locks.acquire('busy');
    const answer = await fetch(`${await app.getUrl()}/busy`);
    expect(answer.status).toBe(423);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ statusCode: 423, error: 'LOCK_UNAVAILABLE' });
  },
};
