import { expect } from 'vitest';
import type { PageUses } from './page-uses.js';

export const errors: PageUses = {
  'Reference: errors': async ({ retryAfter }, stage) => {
    const { locks } = await stage.connect();
    await using _ = await locks.acquire('errors');
    const refused: unknown = await locks.acquire('errors').catch((error: unknown) => error);
    expect(retryAfter(refused)).toBeGreaterThan(0);
    expect(retryAfter(new Error('of your own'))).toBeUndefined();
  },
};
