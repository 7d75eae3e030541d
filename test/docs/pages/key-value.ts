import { expect } from 'vitest';
import type { PageUses } from './page-uses.js';

export const keyValue: PageUses = {
  'Guide: key-value store': async ({ Stock }, stage) => {
    const app = await stage.bootWithGroup({ providers: [Stock] });
    const stock = app.get(Stock);
    const { kv } = await stage.connect();
    expect(await stock.read('tea')).toBeNull();
    await kv.set('stock:tea', 12);
    expect(await stock.sell('tea')).toBe(11);
    expect(await stock.read('tea')).toBe(11);
    expect([await stock.reserve('tea', 'Ada'), await stock.reserve('tea', 'Grace')]).toEqual([true, false]);
    await stock.rename('tea', 'Earl Grey');
    expect(await kv.get('article:tea')).toEqual({ name: 'Earl Grey' });
  },
};
