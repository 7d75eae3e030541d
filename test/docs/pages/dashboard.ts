import { expect } from 'vitest';
import type { PageUses } from './page-uses.js';

export const dashboard: PageUses = {
  'Serve it': async ({ AppModule }, stage) => {
    const app = await stage.boot(AppModule);
    const page = await fetch(`${await app.getUrl()}/majority`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<title>');
  },

  'Who may see it': async ({ dashboard: guarded }, stage) => {
    const app = await stage.bootWithGroup({ imports: [guarded] });
    const ask = async (cookie: string) =>
      (await fetch(`${await app.getUrl()}/ops/majority`, { headers: { cookie } })).status;
    expect(await ask('staff=guessed')).toBe(403);
    expect(await ask('theme=dark; staff=open sesame')).toBe(200);
  },
};
