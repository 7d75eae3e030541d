import { MajorityRedisService } from 'nestjs-majority-redis';
import { expect } from 'vitest';
import type { PageUses } from './page-uses.js';

export const operations: PageUses = {
  'A user with the least rights (2)': async ({ AppModule }, stage) => {
    const app = await stage.boot(AppModule);
    expect(app.get(MajorityRedisService).status()).toMatchObject({ hasQuorum: true, groupSize: 3 });
  },
};
