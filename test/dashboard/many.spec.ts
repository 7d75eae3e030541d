/// <reference lib="dom" />
import { connectMajorityRedis } from 'nestjs-majority-redis';
import type { MajorityRedis } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { launchBrowser, openPage } from './support/browser.js';
import { serve } from './support/serve.js';

const counts = { locks: 2000, queues: 200, keys: 10_000 };
/** ms; a page that stands still for longer is in the way, on a machine that does other things, too. */
const stillMax = 1000;

/** Elements of the page, with all its tables full. */
const nodesMax = 5000;

let browser: Browser;
let group: LocalGroup;
let client: MajorityRedis;
beforeAll(async () => {
  browser = await launchBrowser();
  group = await startLocalGroup({ size: 3 });
  client = await connectMajorityRedis({ nodes: group.urls });
  await eachOf(counts.locks, (i) => client.locks.acquire(`lock:${i}`, { ttl: 60_000 }));
  await eachOf(counts.queues, (i) => client.queues.put(`queue:${String(i).padStart(3, '0')}`, i));
  await eachOf(counts.keys, (i) => client.kv.set(`key:${i}`, i));
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await client?.close();
  await group?.stop();
});

async function eachOf(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < count; at += 200) {
    await Promise.all(Array.from({ length: Math.min(200, count - at) }, (_, i) => work(at + i)));
  }
}

/** Runs in the page: the longest time between two frames within a while, ms. */
function longestStill(span: number): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let last = startedAt;
    let longest = 0;
    const frame = (): void => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (now - startedAt < span) requestAnimationFrame(frame);
      else resolve(longest);
    };
    requestAnimationFrame(frame);
  });
}

const shows = (page: Page, id: string, text: RegExp): Promise<unknown> =>
  eventually(async () => text.test(await page.locator(`#${id}`).innerText()), { within: 30_000, every: 100 });

describe('the page of a group with many locks, queues and keys', () => {
  it(
    'tells that there are more than it shows, finds each, and does not stand still',
    { timeout: 120_000 },
    async () => {
      await using app = await serve({ nodes: group.urls, dashboard: { interval: 1000 } });
      await using one = await openPage(browser, app.dashboard);
      const { page } = one;
      await shows(page, 'locks', /The first 200 that were found, and there are more/);
      await shows(page, 'queues', /The first 50 of 200 by name/);
      const still = await page.evaluate(longestStill, 5000);
      console.log(`longest time without a frame: ${Math.round(still)} ms`);
      expect(still).toBeLessThan(stillMax);

      // what is in sight is bounded, whatever there is
      expect(await page.locator('#locks tbody tr').count()).toBe(200);
      expect(await page.locator('#queues table').first().locator('tbody tr').count()).toBe(50);
      // and none of them pushes the rest out of sight
      for (const table of await page.locator('.table').all()) {
        if (await table.isVisible()) expect((await table.boundingBox())!.height).toBeLessThan(500);
      }
      // a table that has no buttons is scrolled by keyboard all the same
      await page.getByRole('search', { name: 'Filter locks' }).getByRole('button').press('Tab');
      const locks = page.locator('#locks .table');
      await page.keyboard.press('End');
      await eventually(() => locks.evaluate((table) => table.scrollTop > 1000));
      const nodes = await page.locator('*').count();
      expect(nodes).toBeLessThan(nodesMax);
      await page.getByRole('button', { name: 'Look up' }).click();
      await shows(page, 'keys', /100 keys as of .*, and there are more/);
      expect(await page.locator('#keys tbody tr').count()).toBe(100);

      const rows = (id: string) => page.locator(`#${id} table`).first().locator('tbody tr');
      await page.getByLabel('Locks that begin with').fill('lock:1999');
      await page.getByLabel('Locks that begin with').press('Enter');
      await eventually(async () => (await rows('locks').count()) === 1, { within: 30_000 });
      await shows(page, 'locks', /lock:1999\s+exclusive/);
      await page.getByLabel('Queues that begin with').fill('queue:19');
      await page.getByRole('search', { name: 'Filter queues' }).getByRole('button').click();
      await eventually(async () => (await rows('queues').count()) === 10, { within: 30_000 });
      await shows(page, 'queues', /queue:199/);
      // the one did not undo the other, and nothing is left out
      expect(await rows('locks').count()).toBe(1);
      expect(await page.getByRole('status').filter({ hasText: 'The first' }).count()).toBe(0);
      await page.getByLabel('Locks that begin with').fill('nobody');
      await page.getByLabel('Locks that begin with').press('Enter');
      await shows(page, 'locks', /No lock that begins so is held\./);
      // another tab sees all of them still
      await using other = await openPage(browser, app.dashboard);
      await shows(other.page, 'locks', /The first 200/);
      await shows(page, 'locks', /No lock that begins so is held\./);
      await page.getByLabel('Keys that begin with').fill('key:9999');
      await page.getByLabel('Keys that begin with').press('Enter');
      await shows(page, 'keys', /1 key as of/);
      expect(one.complaints).toEqual([]);
    },
  );
});
