/// <reference lib="dom" />
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { writePage } from '../../scripts/support/soak-page.mjs';
import { makeReport, type SoakCall } from '../faults/report/soak-report.js';
import { launchBrowser, openPage } from './support/browser.js';

let browser: Browser;
beforeAll(async () => (browser = await launchBrowser()));
afterAll(() => browser?.close());

const calls: SoakCall[] = Array.from({ length: 200 }, (_, i) => ({ at: i * 50, outcome: i % 9 ? 'done' : 'refused' }));
const entries = [
  { at: 2000, fault: 'kill', member: 'redis-1', detail: '' },
  { at: 2500, fault: 'started', member: 'redis-1', detail: '</script><b>' },
];
const reports = [
  makeReport('values', { entries, recoveries: [300] }, calls, []),
  makeReport('queue', { entries, recoveries: [900] }, calls, ['"x" was delivered <twice>']),
];

describe('the page of a soak', () => {
  it('shows counts, faults above calls for each workload, and anomalies as text', async () => {
    const folder = `${await mkdtemp(join(tmpdir(), 'soak-page-'))}/`;
    onTestFinished(() => rm(folder, { recursive: true }));
    await using opened = await openPage(browser, pathToFileURL(writePage(folder, reports)).href);
    const { page, complaints, requests } = opened;
    expect(await page.locator('pre').innerText()).toMatch(/queue +0\.2 +177 +23 +0 +2 +1 +88\.50 +\d+ +900/);
    expect(await page.locator('h2').allInnerTexts()).toEqual(['values', 'queue']);
    expect(await page.locator('p').allInnerTexts()).toEqual(['Anomaly: "x" was delivered <twice>']);
    const titles = await page.locator('.u-title').allInnerTexts();
    expect(titles).toEqual(['faults', 'calls each second', 'faults', 'calls each second']);
    const inked = await page.locator('canvas').evaluateAll((all) =>
      all.map((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
        return new Set(new Uint32Array(data.buffer)).size > 10;
      }),
    );
    expect(inked).toEqual([true, true, true, true]);
    expect(complaints).toEqual([]);
    // it needs nothing from elsewhere
    expect(requests).toHaveLength(1);
  });
});
