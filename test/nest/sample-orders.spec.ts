import { Logger } from '@nestjs/common';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shipment } from '../../sample/src/orders/shipments.js';
import { groupOptions } from '../../sample/src/sample-config.js';
import { eventually } from '../support/eventually.js';
import { openShop } from './support/shop.js';

/** ms in which a group whose majority forgot votes again, and what waited for it is done. */
const recoveredWithin = groupOptions.queue.leaseMax + 15_000;

type Sizes = Record<'orders' | 'receipts', Record<string, number | boolean>>;

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(['log', 'warn', 'error', 'fatal']));

/** The shop in the words of its shipping department. */
async function openShipping(nodes?: readonly string[]) {
  const shop = await openShop(nodes);
  const read = async <T>(path: string): Promise<T> => (await (await fetch(shop.url + path)).json()) as T;
  return {
    ...shop,
    order: (item: string, count?: number) => shop.post('/orders', { buyer: 'Ada', item, count }),
    shipments: () => read<Shipment[]>('/shipments'),
    sizes: () => read<Sizes>('/queues'),
    deadLetters: () =>
      read<{ body: { item: string }; attempts: number; reason: string }[]>('/queues/orders/dead-letters'),
  };
}

describe('the orders of the ticket shop', () => {
  it('ships the ticket of a sold seat, once, and sends its receipt', async () => {
    await using shop = await openShipping();
    const { body } = await shop.sell('A1', 'Ada');
    const [shipment] = await eventually(async () => {
      const shipments = await shop.shipments();
      return shipments.length > 0 && shipments;
    });
    expect(shipment).toEqual({
      order: `ticket-A1-${body.token}`,
      item: 'ticket for seat A1',
      label: 'to Ada',
      attempts: 1,
    });
    const { orders, receipts } = await eventually(async () => {
      const sizes = await shop.sizes();
      return sizes.receipts['done'] === 1 && sizes;
    });
    expect(orders).toEqual({ ready: 0, delayed: 0, leased: 0, dead: 0, done: 1, isPaused: false });
    expect(receipts).toMatchObject({ ready: 0, leased: 0, isPaused: false });
  });

  it('takes many orders at once and ships all, with two of five members killed and started meanwhile', async () => {
    await using shop = await openShipping();
    const { status, body } = await shop.order('poster', 20);
    expect(status).toBe(202);
    await shop.members('kill', 1, 2);
    await eventually(async () => (await shop.shipments()).length >= 8);
    await shop.members('start', 1, 2);
    await eventually(async () => (await shop.shipments()).length === 20);
    const shipped = (await shop.shipments()).map(({ order }) => order);
    expect(shipped.toSorted()).toEqual((body as unknown as string[]).toSorted());
    await eventually(async () => (await shop.sizes()).receipts['done'] === 20);
  });

  it('loses no order when three of five are killed and come back empty one after the other', async () => {
    await using shop = await openShipping();
    await shop.post('/queues/orders/pause');
    await shop.order('poster', 5);
    for (const number of [1, 2, 3]) {
      await shop.members('restart', number);
      await eventually(async () => (await shop.get('/members')).body.voting === 5, { within: recoveredWithin });
    }
    expect((await shop.sizes()).orders).toMatchObject({ ready: 5, isPaused: true });
    await shop.post('/queues/orders/resume');
    await eventually(async () => (await shop.shipments()).length === 5, { within: recoveredWithin });
  });

  it('refuses an order without a quorum, and ships on when it is back', async () => {
    await using shop = await openShipping();
    await shop.members('freeze', 1, 2, 3);
    const refused = await shop.order('poster');
    expect(refused).toMatchObject({ status: 503, body: { error: 'NO_QUORUM' } });
    await shop.members('thaw', 1, 2, 3);
    await eventually(async () => (await shop.order('mug')).status === 202, { within: recoveredWithin });
    await eventually(async () => (await shop.shipments()).some(({ item }) => item === 'mug'), {
      within: recoveredWithin,
    });
  });

  it('tries an order three times while the printer is broken; redriven after its repair it is shipped', async () => {
    await using shop = await openShipping();
    expect(await shop.post('/printer/break')).toMatchObject({ status: 200, body: { printer: 'broken' } });
    await shop.order('poster');
    await eventually(async () => (await shop.sizes()).orders['delayed'] === 1);
    const [letter] = await eventually(async () => {
      const letters = await shop.deadLetters();
      return letters.length > 0 && letters;
    });
    expect(letter).toMatchObject({
      body: { buyer: 'Ada', item: 'poster' },
      attempts: 3,
      reason: 'Error: the label printer is broken',
    });
    expect(await shop.shipments()).toEqual([]);
    await shop.post('/printer/repair');
    expect(await shop.post('/queues/orders/redrive')).toMatchObject({ status: 200, body: { redriven: 1 } });
    await eventually(async () => (await shop.shipments()).length === 1);
    expect(await shop.deadLetters()).toEqual([]);
  });

  it('cancels the order of a seat that is given back before it is shipped', async () => {
    await using shop = await openShipping();
    expect(await shop.post('/queues/orders/pause')).toMatchObject({ status: 200, body: { isPaused: true } });
    await shop.sell('A1', 'Ada');
    expect((await shop.sizes()).orders).toMatchObject({ ready: 1, isPaused: true });
    expect(await shop.giveBack('A1')).toMatchObject({ status: 204 });
    expect((await shop.sizes()).orders).toMatchObject({ ready: 0 });
    expect(await shop.post('/queues/orders/resume')).toMatchObject({ status: 200, body: { isPaused: false } });
  });

  it('finishes what is being shipped when the shop closes, and leaves the rest to the next one', async () => {
    await using group = await startLocalGroup({ size: 3 });
    {
      await using shop = await openShipping(group.urls);
      await shop.order('poster', 6);
      await eventually(async () => (await shop.sizes()).orders['leased'] !== 0);
    }
    await using shop = await openShipping(group.urls);
    await eventually(async () => (await shop.shipments()).length === 6);
    expect((await shop.shipments()).map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1, 1, 1]);
    await eventually(async () => (await shop.sizes()).receipts['done'] === 6);
  });

  it.each([
    ['/orders', {}, 400, 'buyer and item must be texts'],
    ['/orders', { buyer: 'Ada', item: 'poster', count: 0 }, 400, 'count must be a whole number from 1 to 1000'],
    ['/queues/letters/redrive', undefined, 404, 'There is no queue "letters". Queues: orders, receipts'],
  ])('answers clearly to what it cannot do: POST %s %j', async (path, body, status, message) => {
    await using shop = await openShipping();
    expect(await shop.post(path, body)).toMatchObject({ status, body: { message: expect.stringContaining(message) } });
  });
});
