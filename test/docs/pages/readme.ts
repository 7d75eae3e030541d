import { expect } from 'vitest';
import { eventually } from '../../support/eventually.js';
import type { PageUses } from './page-uses.js';

export const readme: PageUses = {
  'In your application (2)': async ({ AppModule }, stage) => {
    const app = await stage.boot(AppModule);
    const answer = await fetch(`${await app.getUrl()}/seats/12/sell`, { method: 'POST' });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ id: '12', token: expect.any(Number) });
  },

  'In your application (3)': async ({ Tickets }, stage) => {
    const app = await stage.bootWithGroup({ providers: [Tickets] });
    await app.get(Tickets).order('A1', 'ada');
    const ticket = { method: 'POST', path: '/ada', body: 'A1' };
    await eventually(() => expect(stage.world.requests).toContainEqual(ticket) ?? true);
  },
};
