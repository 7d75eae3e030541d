import { LockService, MajorityRedisService } from 'nestjs-majority-redis';
import { expect } from 'vitest';
import type { PageUses } from './page-uses.js';

export const operations: PageUses = {
  'A user with the least rights (3)': async ({ AppModule }, stage) => {
    const app = await stage.boot(AppModule);
    expect(app.get(MajorityRedisService).status()).toMatchObject({ hasQuorum: true, groupSize: 3 });
  },

  'Past one machine: members that are Redis Clusters': async ({ groupModule }, stage) => {
    const app = await stage.boot({ module: class Application {}, imports: [groupModule] });
    const status = app.get(MajorityRedisService).status();
    expect(status).toMatchObject({ hasQuorum: true, partitions: { count: 12, withQuorum: 12 } });
    const locks = app.get(LockService);
    await using lock = await locks.acquire(['{order-7}:stock', '{order-7}:bill']);
    expect(lock.isHeld).toBe(true);
    await expect(locks.acquire(['order-7:stock', 'order-8:bill'])).rejects.toThrow('keys of one partition');
  },
};
