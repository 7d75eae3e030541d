import { getQueueToken, QueueService } from 'nestjs-majority-redis';
import type { INestApplication } from '@nestjs/common';
import type { Queue } from 'nestjs-majority-redis';
import { expect, vi } from 'vitest';
import { eventually } from '../../support/eventually.js';
import type { PageUses } from './page-uses.js';

export const queue: PageUses = {
  'Guide: work queue': async ({ Mailer, MailModule }, stage) => {
    const app = await stage.boot(MailModule);
    for (const _ of [1, 2]) await app.get(Mailer).welcome('ada@example.org');
    const { queues } = await stage.connect();
    await eventually(async () => (await queues.state('emails', 'welcome ada@example.org')) === 'done');
    const mails = stage.world.requests.filter(({ path }) => path === '/send').map(({ body }) => JSON.parse(body));
    expect(mails).toEqual([{ to: 'ada@example.org', text: 'Welcome!' }]);
  },

  Get: async ({ drain }, stage) => {
    const { queues } = await stage.connect();
    await queues.putAll('letters', [{ body: 'one' }, { body: 'two' }]);
    using log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    while ((await queues.size('letters')).ready > 0) await drain(queues);
    expect(log.mock.calls).toEqual([['one'], ['two']]);
    expect(await queues.size('letters')).toMatchObject({ leased: 0, delayed: 0, done: 2 });
  },

  'Consume with RxJS': async ({ oneByOne, inBatches }, stage) => {
    const { queues } = await stage.connect();
    for (const [name, consume] of Object.entries({ oneByOne, inBatches })) {
      const jobs = queues.of<string>(name);
      const worked: string[] = [];
      const subscription = consume(
        jobs,
        async (work: string | string[]) => void worked.push(...[work].flat()),
      ).subscribe();
      stage.atEnd(async () => subscription.unsubscribe());
      await jobs.putAll(['a', 'b', 'c'].map((body) => ({ body })));
      await eventually(async () => (await jobs.size()).done === 3);
      expect(worked.toSorted()).toEqual(['a', 'b', 'c']);
    }
  },

  'Register a queue': async ({ emails }, stage) => {
    const app = await stage.bootWithGroup({ imports: [emails] });
    const registered = app.get<Queue<string>>(getQueueToken('emails'));
    await registered.put('registered');
    const [delivery] = await registered.get({ waitFor: 5_000 });
    expect(delivery).toMatchObject({ body: 'registered', maxAttempts: 8 });
    await delivery!.ack();
  },

  'As a microservice': async ({ start }, stage) => {
    const app = (await start()) as INestApplication;
    stage.atEnd(() => app.close());
    const queues = app.get(QueueService);
    const { id } = await queues.put('emails', { to: 'Ada' });
    await eventually(async () => (await queues.state('emails', id)) === 'done');
  },
};
