import type { TestingModuleBuilder } from '@nestjs/testing';
import { LockService } from 'nestjs-majority-redis';
import { expect } from 'vitest';
import type { PageUses } from './page-uses.js';

export const testing: PageUses = {
  'Unit tests: the in-memory group': async ({ sellsASeatOnce }) => {
    await sellsASeatOnce();
  },

  'A whole application': async ({ builder }, stage) => {
    const app = await (builder as TestingModuleBuilder).setLogger(false as never).compile();
    stage.atEnd(() => app.close());
    await app.init();
    await using lock = await app.get(LockService).acquire('seat:1');
    expect(lock.isHeld).toBe(true);
    // nothing of it came to the servers
    expect(await (await stage.connect()).locks.inspect('seat:1')).toMatchObject({ mode: 'free' });
  },

  Failures: async ({ groupModule, queues, refusesWithoutAQuorum, anotherInstance }, stage) => {
    const app = await stage.boot({ module: class Application {}, imports: [groupModule, queues] });
    await anotherInstance();
    await refusesWithoutAQuorum(app.get(LockService));
  },

  'Integration tests: real servers': async ({ survivesOneOfThree }) => {
    await survivesOneOfThree();
  },
};
