import { Logger } from '@nestjs/common';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSample, type Sample } from '../../sample/src/sample.js';
import { eventually } from '../support/eventually.js';
import { launchBrowser, openPage } from './support/browser.js';

describe("the sample's start page", () => {
  let browser: Browser;
  let sample: Sample;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    browser = await launchBrowser();
    sample = await startSample({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await browser?.close();
    await sample?.[Symbol.asyncDispose]();
    Logger.overrideLogger(['log', 'warn', 'error', 'fatal']);
  });

  it('kills and starts a server by buttons, and shows below what the group makes of it', async () => {
    await using view = await openPage(browser, sample.url);
    const { page } = view;
    const dashboard = page.frameLocator('#dashboard');
    const health = async (): Promise<string> => dashboard.locator('#health').innerText();
    await eventually(async () => (await health()) === 'All members vote');

    await page.getByRole('button', { name: 'kill redis-2' }).click();
    await page.getByRole('button', { name: 'start redis-2' }).waitFor();
    await eventually(async () => (await health()) === '1 missing, quorum holds');
    const member = dashboard.locator('#members').getByRole('row').filter({ hasText: 'redis-2' });
    await eventually(async () => /down|suspect/.test(await member.innerText()));

    await page.getByRole('button', { name: 'start redis-2' }).click();
    await eventually(async () => (await health()) === 'All members vote', { within: 25_000 });
    expect(view.complaints).toEqual([]);
  });

  it('says in words when everything goes on, stops, and goes on again, and that nothing was lost', async () => {
    await using view = await openPage(browser, sample.url);
    const { page } = view;
    const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
    const news = (text: RegExp): Promise<unknown> =>
      eventually(async () => text.test(await page.locator('#news').innerText()), { within: 30_000 });
    const counters = page.getByRole('listitem').filter({ hasText: 'Counters' });
    const isCounting = (): Promise<unknown> =>
      eventually(async () => /^Counters\s*[1-9]\d*\/s, [1-9]\d* done/.test(await counters.innerText()));
    const server = page.getByRole('listitem').filter({ hasText: 'redis-3' });

    await news(/^All 5 servers vote\. Start some load/);
    await press('start Counters');
    await news(/^All 5 servers vote\. Kill or freeze one/);
    await isCounting();
    await press('kill redis-1');
    await news(/^4 of 5 servers vote, 3 are needed: everything goes on\. 1 more may go/);
    await press('kill redis-2');
    await news(/^3 of 5 .* everything goes on\. With one less nothing would be granted/);
    await isCounting();
    await press('kill redis-3');
    await news(/^2 of 5 servers vote, and 3 are needed: locks, orders and counts are refused/);
    await eventually(async () => /0\/s, \d+ done, [1-9]\d* refused/.test(await counters.innerText()));

    for (const number of [1, 2, 3]) await press(`start redis-${number}`);
    await news(/redis-1, redis-2, redis-3 came back empty and may not vote yet: waits \d s for the end of old leases/);
    expect(await server.innerText()).toMatch(/running, rejoining/);
    await news(/^All 5 servers vote again\. Locks, orders and counts went on by themselves/);
    await isCounting();
    expect(await page.locator('#checked').innerText()).toMatch(/no lock was held twice, no count was lost/);
    await press('stop Counters');
    expect(view.complaints).toEqual([]);
  });

  it('freezes and thaws one', async () => {
    await using view = await openPage(browser, sample.url);
    const { page } = view;
    await page.getByRole('button', { name: 'freeze redis-3' }).click();
    const member = page.frameLocator('#dashboard').locator('#members').getByRole('row').filter({ hasText: 'redis-3' });
    await eventually(async () => (await member.innerText()).includes('suspect'));
    await page.getByRole('button', { name: 'thaw redis-3' }).click();
    await eventually(async () => (await member.innerText()).includes('voting'), { within: 25_000 });
  });

  it.each([
    ['Locks', 'locks', 'load:'],
    ['Queue', 'queues', 'load:mails'],
  ])('starts load on %s, which the dashboard shows, and stops it', async (name, section, shown) => {
    await using view = await openPage(browser, sample.url);
    const { page } = view;
    await page.getByRole('button', { name: `start ${name}` }).click();
    await page.getByRole('button', { name: `stop ${name}` }).waitFor();
    const part = page.frameLocator('#dashboard').locator(`#${section}`);
    await eventually(async () => (await part.innerText()).includes(shown));
    const item = page.getByRole('listitem').filter({ hasText: name });
    await eventually(async () => /[1-9]\d* done/.test(await item.innerText()));
    await page.getByRole('button', { name: `stop ${name}` }).click();
    await page.getByRole('button', { name: `start ${name}` }).waitFor();
  });

  it('does not scroll sideways on a phone', async () => {
    await using view = await openPage(browser, sample.url, { viewport: { width: 360, height: 780 } });
    const { page } = view;
    await page.frameLocator('#dashboard').locator('#health').filter({ hasText: 'vote' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  });

  it('is worked by the keyboard: the focus stays on the server whose button was pressed', async () => {
    await using view = await openPage(browser, sample.url, { colorScheme: 'dark' });
    const { page } = view;
    await page.getByRole('button', { name: 'kill redis-4', exact: true }).press('Enter');
    const start = page.getByRole('button', { name: 'start redis-4', exact: true });
    await start.waitFor();
    await eventually(() => start.evaluate((button) => button === button.ownerDocument.activeElement));
    await start.press('Space');
    await page.getByRole('button', { name: 'kill redis-4', exact: true }).waitFor();
    await eventually(async () => (await page.locator('#news').innerText()).startsWith('All 5'), { within: 25_000 });
  });

  it('says why an action did not work, and stays text for those who do not ask for a page', async () => {
    expect(await (await fetch(sample.url)).text()).toContain(`curl ${sample.url}/members`);
    const refused = await fetch(`${sample.url}/load/tea/start`, { method: 'POST' });
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({ message: expect.stringContaining('locks, kv, queue') });
  });
});
