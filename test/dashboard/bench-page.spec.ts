/// <reference lib="dom" />
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { writePage } from '../../bench/page.js';
import { launchBrowser, openPage } from './support/browser.js';

const template = fileURLToPath(new URL('../../bench/page.html', import.meta.url));

let browser: Browser;
beforeAll(async () => (browser = await launchBrowser()));
afterAll(() => browser?.close());

const spread = (median: number) => ({ median, lowest: median / 2, highest: median * 2 });
const report = {
  date: '2026-01-01T00:00:00.000Z',
  machine: { cpu: 'a processor', cores: 2, memoryGiB: 4, system: 'linux', node: 'v20.19.0', loadBefore: 0 },
  versions: { ours: 'ours 1.0' },
  results: [
    {
      row: 'members',
      charts: [
        {
          title: 'get, by members',
          unit: 'operations/s',
          steps: ['1', '3'],
          lines: [
            { name: 'ours', points: [spread(3000), spread(2000)] },
            { name: 'floor', points: [spread(1000), null] },
          ],
        },
      ],
      tables: [{ title: 'A table', columns: ['', 'rate'], rows: [['ours', '</script><b>']], notes: ['a note'] }],
      problems: ['one was left out'],
      samples: [],
    },
    {
      row: 'memory',
      charts: [
        {
          title: 'Memory',
          unit: 'bytes',
          as: 'bars',
          steps: ['held lock', 'released lock'],
          lines: [
            { name: 'ours', points: [spread(200), spread(100)] },
            { name: 'floor', points: [spread(100), null] },
          ],
        },
      ],
      tables: [],
      problems: [],
      samples: [],
    },
  ],
};

describe('the page of a bench', () => {
  it.each(['light', 'dark'] as const)('plots an earlier run, %s, on a phone', async (colorScheme) => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-page-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const json = join(folder, 'results.json');
    await writeFile(json, JSON.stringify(report));
    const viewport = { width: 390, height: 800 };
    const address = pathToFileURL(writePage(json, template)).href;
    await using opened = await openPage(browser, address, { colorScheme, viewport });
    const { page, complaints, requests } = opened;
    expect(await page.locator('h2').allInnerTexts()).toEqual(['members', 'memory']);
    expect(await page.locator('figcaption').first().innerText()).toContain('get, by members: operations/s');
    const numbers = await page.locator('figure tr').allInnerTexts();
    expect(numbers.map((row) => row.split('\t'))).toEqual([
      ['', '1', '3'],
      ['ours', '3K', '2K'],
      ['lowest – highest', '1.5K – 6K', '1K – 4K'],
      ['× floor', '3.00', '–'],
      ['floor', '1K', '–'],
      ['lowest – highest', '500 – 2K', '–'],
    ]);
    const bars = page.locator('.bars');
    expect((await bars.innerText()).split('\n').filter((text) => text !== '')).toEqual([
      'held lock',
      'ours',
      '200',
      'floor',
      '100',
      'released lock',
      'ours',
      '100',
      'floor',
      '–',
    ]);
    const lengths = await bars.locator('i').evaluateAll((all) => all.map((bar) => (bar as HTMLElement).style.width));
    expect(lengths).toEqual(['100%', '50%', '100%', '0%']);
    expect(await page.getByText('</script><b>').count()).toBe(1);
    expect(await page.getByText('one was left out').count()).toBe(1);
    const colours = await page.locator('canvas').evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    expect(colours).toBeGreaterThan(10);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    expect(complaints).toEqual([]);
    // it needs nothing from elsewhere
    expect(requests).toHaveLength(1);
  });
});
