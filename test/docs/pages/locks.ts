import { LockLostError, MajorityRedisModule, StaleTokenError } from 'nestjs-majority-redis';
import { expect, vi } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { openSeats } from '../support/seats.js';
import type { PageUses } from './page-uses.js';

export const locks: PageUses = {
  'Which form': async ({ Invoices }, stage) => {
    const app = await stage.bootWithGroup({ providers: [Invoices] });
    const invoices = app.get(Invoices);
    const { locks: others } = await stage.connect();
    const { id, token } = await invoices.send('7');
    expect(id).toBe('7');
    expect(await invoices.archive('7')).toBeGreaterThan(token);
    expect(await others.inspect('invoice:7')).toMatchObject({ mode: 'free' });
    expect(await invoices.number(2026)).toBeGreaterThan(0);
    expect(await invoices.cleanUp()).toBe('done');
    await using _ = await others.acquire('clean-up');
    expect(await invoices.cleanUp()).toBe('another instance is at it');
  },

  'Store the token (2)': async ({ writeBuyer }, stage) => {
    const seats = openSeats('A1');
    stage.atEnd(seats.close);
    const { locks: service } = await stage.connect();
    const early = await service.acquire('seat:A1');
    await early.release();
    await using late = await service.acquire('seat:A1');
    await writeBuyer(seats, 'A1', 'Awake', late);
    await expect(writeBuyer(seats, 'A1', 'Sleepy', early)).rejects.toBeInstanceOf(StaleTokenError);
    expect(seats.buyer('A1')).toBe('Awake');
  },

  'Notice the loss': async ({ Import }, stage) => {
    const { servers, outside, requests } = stage.world;
    const group = MajorityRedisModule.forRoot({ nodes: servers.urls, requestTimeout: 100, lock: { ttl: 600 } });
    const app = await stage.boot({ module: class Importing {}, imports: [group], providers: [Import] });
    using log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    expect(await app.get(Import).run(outside)).toBe(1);
    expect(log.mock.calls).toEqual([['stored', 'a row']]);
    const lost = expect(app.get(Import).run(`${outside}/never`)).rejects.toBeInstanceOf(LockLostError);
    await eventually(() => requests.some(({ path }) => path === '/never'));
    const frozen = servers.members.slice(1);
    for (const member of frozen) member.freeze();
    await lost;
    for (const member of frozen) member.thaw();
    await eventually(async () => (await stage.connect()).group.status().voting === 3);
  },

  Wait: async ({ bookBoth }, stage) => {
    const [{ locks: mine }, { locks: others }] = await Promise.all([stage.connect(), stage.connect()]);
    const held = await others.acquire('seat:A2');
    const waiting = bookBoth(mine, AbortSignal.timeout(10_000));
    await eventually(async () => (await others.inspect('seat:A2')).waiting === 1);
    await held.release();
    expect(await waiting).toEqual(['seat:A1', 'seat:A2']);
    await using _ = await others.acquire('seat:A2');
    await expect(bookBoth(mine, AbortSignal.timeout(50))).rejects.toHaveProperty('name', 'TimeoutError');
  },

  'A job that runs once in three instances': async ({ NightlyReport }, stage) => {
    const instances = await Promise.all([1, 2, 3].map(() => stage.bootWithGroup({ providers: [NightlyReport] })));
    const results: unknown[] = [];
    // one after the other, as by clocks that differ
    for (const app of instances) results.push(await app.get(NightlyReport).run());
    expect(results).toEqual(['sent', undefined, undefined]);
  },
};
