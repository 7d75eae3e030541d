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

  it('says why an action did not work, and stays text for those who do not ask for a page', async () => {
    expect(await (await fetch(sample.url)).text()).toContain(`curl ${sample.url}/members`);
    const refused = await fetch(`${sample.url}/load/tea/start`, { method: 'POST' });
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({ message: expect.stringContaining('locks, kv, queue') });
  });
});
