/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { connectMajorityRedis } from 'nestjs-majority-redis';
import type { MajorityRedis } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { launchBrowser, openPage } from './support/browser.js';
import { serve, type ServedApp } from './support/serve.js';

/** Text that would do harm as markup, in every place where members' words are shown. */
const hostile = `"'><img src=x onerror=alert(1)><script>alert(2)</script>`;

let browser: Browser;
beforeAll(async () => (browser = await launchBrowser()));
afterAll(() => browser?.close());

const section = (page: Page, id: string): Locator => page.locator(`#${id}`);
const row = (page: Page, id: string, text: string): Locator =>
  section(page, id).getByRole('row').filter({ hasText: text });

async function untilText(locator: Locator, expected: RegExp | string): Promise<void> {
  await eventually(async () => {
    const text = await locator.innerText();
    return typeof expected === 'string' ? text.includes(expected) : expected.test(text);
  });
}

/** Puts a message and gives it up. */
async function bury({ queues }: MajorityRedis, queue: string, body: unknown, reason: string): Promise<string> {
  const { id } = await queues.put(queue, body);
  const [delivery] = await queues.get(queue, { waitFor: 10_000 });
  await delivery!.reject(reason);
  return id;
}

describe('the page of a group whose members fail', () => {
  let group: LocalGroup;
  let app: ServedApp;
  beforeEach(async () => {
    group = await startLocalGroup({ size: 5 });
    app = await serve({ nodes: group.urls, dashboard: { interval: 250 } });
    return async () => {
      await app[Symbol.asyncDispose]();
      await group.stop();
    };
  });

  it('shows each change of a member and of the quorum while it happens, also in words', async () => {
    await using client = await connectMajorityRedis({ nodes: group.urls });
    await bury(client, 'seen before', 1, 'seen before');
    await client.kv.set('seen before', 1);
    await using view = await openPage(browser, app.dashboard);
    const { page } = view;
    await untilText(page.locator('#health'), 'All members vote');
    await untilText(page.locator('#connection'), 'Live');
    await untilText(section(page, 'locks'), 'No lock is held');
    await untilText(section(page, 'queues').locator('.detail'), 'seen before');
    await page.getByRole('button', { name: 'Look up' }).click();
    await untilText(section(page, 'keys'), /1 key as of \d\d:\d\d:\d\d\./);
    expect(await page.locator('.stale').count()).toBe(0);
    expect(await page.title()).toBe('5/5 vote · default · Majority Redis');

    await group.members[1]!.kill();
    await untilText(row(page, 'members', 'redis-2'), /down|suspect/);
    await untilText(page.locator('#health'), '1 missing, quorum holds');
    await untilText(page.locator('#announcer'), /redis-2 is (down|suspect)/);
    await untilText(section(page, 'events'), /member (down|suspect): redis-2/);
    const lines = section(page, 'events').getByRole('listitem');
    expect(await lines.filter({ hasText: 'quorum' }).count()).toBe(0);

    group.members[3]!.freeze();
    await untilText(row(page, 'members', 'redis-4'), 'suspect');
    await group.members[0]!.kill();
    await untilText(page.locator('#health'), 'No quorum');
    const lost = lines.filter({ hasText: 'group quorum-lost: 2 of 5 members vote, 3 are needed' });
    await eventually(async () => (await lost.getAttribute('data-level')) === 'bad');
    await untilText(section(page, 'locks'), /As of \d\d:\d\d:\d\d\. No quorum for list of locks:/);
    await untilText(section(page, 'queues'), /As of \d\d:\d\d:\d\d\. No quorum for list of queues:/);
    await untilText(section(page, 'keys'), /As of \d\d:\d\d:\d\d\. No quorum, so nobody can tell/);
    // what was seen stays in sight, greyed
    for (const stale of ['#queues .stale', '#keys .stale', '#queues .detail .stale']) {
      await untilText(page.locator(stale).filter({ hasText: 'seen before' }).first(), 'seen before');
    }
    const notices = page.getByRole('status').filter({ hasText: /^As of .* No quorum/ });
    expect(await notices.count()).toBe(4);
    // what it took while it answered says nothing now
    const roundTrip = row(page, 'members', 'redis-2').getByRole('cell').nth(3);
    await untilText(roundTrip, /^–$/);
    expect(await page.title()).toMatch(/^2\/5 vote/);

    group.members[3]!.thaw();
    await group.members[1]!.start();
    await group.members[0]!.start();
    // what two forgot of five is known to the other three
    await eventually(async () => (await page.title()).startsWith('5/5 vote'), { within: 25_000 });
    await untilText(page.locator('#health'), 'All members vote');
    await eventually(async () => (await page.locator('.stale').count()) === 0);
    expect(await notices.count()).toBe(0);
    const regained = lines.filter({ hasText: 'group quorum-regained: 3 of 5 members vote' });
    expect(await regained.getAttribute('data-level')).toBe('good');
    // dead letters may have been asked for just when the quorum went
    expect(view.complaints.filter((text) => !text.includes('503'))).toEqual([]);
  });

  it('says when the application is gone, and goes on by itself when it is back', async () => {
    await using view = await openPage(browser, app.dashboard);
    const { page } = view;
    await untilText(page.locator('#connection'), 'Live');
    await page.route('**/stream*', (route) => route.abort());
    // every stream of the page ends when the application closes; the page looks at the same address ever after
    await app[Symbol.asyncDispose]();
    await untilText(page.locator('#connection'), 'Connection lost');
    app = await serve({ nodes: group.urls, dashboard: { interval: 250 } });
    const { url } = app;
    await page.unroute('**/stream*');
    await page.route('**/stream*', (route) =>
      route.continue({
        url: route
          .request()
          .url()
          .replace(/^http:\/\/[^/]+/, url),
      }),
    );
    await untilText(page.locator('#connection'), 'Live');
    await untilText(page.locator('#health'), 'All members vote');
  });
});

describe('the page of a group in use', () => {
  let group: LocalGroup;
  let client: MajorityRedis;
  beforeAll(async () => {
    group = await startLocalGroup({ size: 3 });
    client = await connectMajorityRedis({ nodes: group.urls });
  });
  afterAll(async () => {
    await client?.close();
    await group?.stop();
  });
  const serveGroup = (dashboard = {}) => serve({ nodes: group.urls, dashboard: { interval: 250, ...dashboard } });

  it('shows a lock with its holder and who waits, until it is released', async () => {
    await using app = await serveGroup();
    await using view = await openPage(browser, app.dashboard);
    const lock = await client.locks.acquire('seat:A1');
    const abort = new AbortController();
    const waiter = client.locks.acquire('seat:A1', { waitFor: 60_000, signal: abort.signal }).catch(() => undefined);
    const shown = row(view.page, 'locks', 'seat:A1');
    await untilText(shown, String(lock.token));
    await untilText(shown, 'exclusive');
    await untilText(shown, lock.holder.slice(0, 10));
    await untilText(shown, /1$/);
    abort.abort();
    await waiter;
    await lock.release();
    await eventually(async () => (await shown.count()) === 0);
  });

  it('redrives and removes dead letters by click, and pauses and resumes their queue', async () => {
    const first = await bury(client, 'emails', 1, 'mailbox full');
    const second = await bury(client, 'emails', 2, 'no such address');
    await using app = await serveGroup({ actions: true });
    await using view = await openPage(browser, app.dashboard);
    const { page } = view;
    await page.getByRole('button', { name: 'emails', exact: true }).click();
    await untilText(row(page, 'queues', first), 'mailbox full');

    await page.getByRole('button', { name: `Redrive ${first}` }).click();
    await eventually(async () => (await row(page, 'queues', first).count()) === 0);
    expect(await client.queues.state('emails', first)).toBe('ready');

    await page.getByRole('button', { name: `Remove ${second}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await client.queues.state('emails', second)).toBe('dead');
    await page.getByRole('button', { name: `Remove ${second}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await eventually(async () => (await row(page, 'queues', second).count()) === 0);
    // a removed message is as good as done
    expect(await client.queues.state('emails', second)).not.toBe('dead');

    await page.getByRole('button', { name: 'Pause emails' }).click();
    await page.getByRole('button', { name: 'Resume emails' }).waitFor();
    expect(await client.queues.isPaused('emails')).toBe(true);
    await page.getByRole('button', { name: 'Resume emails' }).click();
    await page.getByRole('button', { name: 'Pause emails' }).waitFor();
    expect(await client.queues.isPaused('emails')).toBe(false);
    expect(view.complaints).toEqual([]);
  });

  it('turns the pages of dead letters, and goes on at the next one by keyboard', async () => {
    const queue = 'pages';
    await client.queues.putAll(
      queue,
      Array.from({ length: 120 }, (_, i) => ({ body: i })),
    );
    await eventually(async () => {
      for (const delivery of await client.queues.get(queue, { count: 50 })) await delivery.reject('no such mailbox');
      return (await client.queues.size(queue)).dead === 120;
    });
    await using app = await serveGroup({ actions: true, values: true });
    await using view = await openPage(browser, app.dashboard);
    const { page } = view;
    await page.getByRole('button', { name: queue, exact: true }).click();
    const detail = section(page, 'queues').locator('.detail');
    const letters = detail.locator('tbody tr');
    const ids = (): Promise<string[]> => letters.locator('td.name').allInnerTexts();
    await untilText(detail, '1 to 50 of 120, the oldest first.');
    const first = await ids();
    await page.getByRole('button', { name: 'Next dead letters' }).press('Enter');
    await untilText(detail, '51 to 100 of 120, the oldest first.');
    expect(await letters.count()).toBe(50);
    expect((await ids()).filter((id) => first.includes(id))).toEqual([]);
    await page.getByRole('button', { name: 'Next dead letters' }).press('Enter');
    await untilText(detail, '101 to 120 of 120, the oldest first.');
    // there is no next page, so its button went, and the keyboard goes on from the table
    expect(await page.evaluate(() => document.activeElement?.closest('.detail') !== null)).toBe(true);
    const [one, two] = await ids();
    await page.getByRole('button', { name: `Redrive ${one}` }).press('Enter');
    await untilText(detail, '101 to 119 of 119, the oldest first.');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(`Redrive ${two}`);
    await page.getByRole('button', { name: 'Redrive all' }).press('Enter');
    // the page that was shown is no longer there
    await untilText(detail, 'There are none.');
    expect(view.complaints).toEqual([]);
  });

  it('shows the queue in which something happens, until somebody chooses one', async () => {
    await using own = await startLocalGroup({ size: 3 });
    await using other = await connectMajorityRedis({ nodes: own.urls });
    for (const queue of ['a', 'b']) {
      const { id } = await other.queues.put(queue, 1);
      await other.queues.remove(queue, id);
    }
    await using app = await serve({ nodes: own.urls, dashboard: { interval: 250 } });
    await using view = await openPage(browser, app.dashboard);
    const title = view.page.locator('#queue-title');
    await untilText(title, /^a$/);
    await other.queues.put('b', 1);
    await untilText(title, /^b$/);
    await view.page.getByRole('button', { name: 'a', exact: true }).click();
    await untilText(title, /^a$/);
    await other.queues.putAll('b', [{ body: 1 }, { body: 2 }]);
    await untilText(row(view.page, 'queues', 'b').filter({ hasText: 'running' }), /\b3\b/);
    expect(await title.innerText()).toBe('a');
  });

  it('draws the throughput of a queue as it flows', async () => {
    await using app = await serveGroup();
    await using view = await openPage(browser, app.dashboard);
    const { page } = view;
    await client.queues.put('flow', 0);
    await page.getByRole('button', { name: 'flow', exact: true }).click();
    const throughput = page.locator('figure').filter({ hasText: 'Throughput' });
    await eventually(async () => {
      await client.queues.putAll('flow', [{ body: 1 }, { body: 2 }, { body: 3 }]);
      return /put [1-9][\d,.]*\/s/.test(await throughput.innerText());
    });
    const backlog = page.locator('figure').filter({ hasText: 'Backlog' });
    await untilText(backlog, /not done [\d,]*[1-9]/);
    await untilText(page.locator('figure').filter({ hasText: 'Wait of the next message' }), /since put [\d.]+ /);
    for (const figure of [throughput, backlog]) expect(await figure.locator('canvas').count()).toBe(1);
  });

  it('looks keys up by their beginning, and deletes one', async () => {
    await client.kv.set('shop:a', { price: 3 });
    await client.kv.set('shop:b', 4, { ttl: 60_000 });
    await client.kv.set('other', 5);
    await using app = await serveGroup({ actions: true, values: true });
    await using view = await openPage(browser, app.dashboard);
    const { page } = view;
    await page.getByLabel('Keys that begin with').fill('shop:');
    await page.getByLabel('Keys that begin with').press('Enter');
    await untilText(row(page, 'keys', 'shop:a'), '{"price":3}');
    await untilText(row(page, 'keys', 'shop:b'), /in [\d.]+ s|in 1 min/);
    expect(await row(page, 'keys', 'other').count()).toBe(0);
    await page.getByRole('button', { name: 'Delete the key shop:a' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await eventually(async () => (await row(page, 'keys', 'shop:a').count()) === 0);
    expect(await client.kv.get('shop:a')).toBeNull();
    // the button that had the focus is gone: the keyboard goes on from the table
    expect(await page.evaluate(() => document.activeElement?.closest('#keys') !== null)).toBe(true);
  });

  it('shows no action and no value when it may not', async () => {
    await bury(client, 'plain', { secret: 'hidden body' }, 'why');
    await client.kv.set('plain', 'hidden value');
    await using app = await serveGroup();
    await using view = await openPage(browser, app.dashboard);
    const { page } = view;
    await page.getByRole('button', { name: 'plain', exact: true }).click();
    await untilText(section(page, 'queues'), 'why');
    await page.getByRole('button', { name: 'Look up' }).click();
    await untilText(section(page, 'keys'), 'plain');
    const names = await page.getByRole('button').allInnerTexts();
    expect(names.filter((name) => /redrive|remove|pause|resume|delete/i.test(name))).toEqual([]);
    expect(await page.locator('body').innerText()).not.toContain('hidden');
  });

  it('takes what members say for text, wherever it stands', async () => {
    const key = `hostile:${hostile}`;
    const lock = await client.locks.acquire(key);
    await client.kv.set(key, { text: hostile });
    await bury(client, key, { text: hostile }, hostile);
    await using app = await serveGroup({ actions: true, values: true });
    await using view = await openPage(browser, app.dashboard);
    const { page } = view;
    await untilText(section(page, 'locks'), key);
    await page.getByRole('button', { name: key, exact: true }).click();
    await untilText(section(page, 'queues').locator('.detail'), `${hostile}`);
    await page.getByRole('button', { name: 'Look up' }).click();
    await untilText(section(page, 'keys'), key);
    await page.getByRole('button', { name: `Delete the key ${key}` }).click();
    await untilText(page.getByRole('dialog'), key);
    await page.keyboard.press('Escape');
    expect(await page.locator('main img, main script, dialog img').count()).toBe(0);
    // and were it markup, the policy would not let it run
    const refused = await page.evaluate(() => {
      try {
        document.body.innerHTML = '<img src=x onerror=alert(1)>';
        return 'taken';
      } catch (error) {
        return String(error);
      }
    });
    expect(refused).toContain('TrustedHTML');
    expect(view.complaints.filter((text) => !text.includes('TrustedHTML'))).toEqual([]);
    await lock.release();
  });

  it('asks nobody but the application', async () => {
    await using app = await serveGroup();
    await using view = await openPage(browser, app.dashboard);
    await untilText(view.page.locator('#health'), 'All members vote');
    expect(view.requests.filter((url) => !url.startsWith(app.url) && !url.startsWith('data:'))).toEqual([]);
  });

  it('can be used with the keyboard alone', async () => {
    const id = await bury(client, 'keyboard', 1, 'by key');
    await using app = await serveGroup({ actions: true });
    await using view = await openPage(browser, app.dashboard);
    const { page } = view;
    await untilText(section(page, 'queues'), 'keyboard');
    const focused = (): Promise<string> =>
      page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
      );
    const tabTo = async (name: string): Promise<void> => {
      for (let presses = 0; presses < 80; presses++) {
        await page.keyboard.press('Tab');
        if ((await focused()) === name) return;
      }
      throw new Error(`no tab leads to ${name}`);
    };
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the members');
    await tabTo('keyboard');
    await page.keyboard.press('Enter');
    await untilText(section(page, 'queues').locator('.detail'), 'by key');
    // rows are kept while they are updated, so the focus is, too
    expect(await focused()).toBe('keyboard');
    await tabTo(`Redrive ${id}`);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
    expect(outline).not.toBe('none');
    await page.keyboard.press('Enter');
    await eventually(async () => (await client.queues.state('keyboard', id)) === 'ready');
  });

  it.each([
    ['light', 360],
    ['dark', 375],
    ['light', 768],
    ['dark', 768],
    ['light', 1280],
    ['dark', 1280],
  ] as const)(
    'fits its width without scrolling sideways, with readable text (%s, %d px)',
    async (colorScheme, width) => {
      const key = `a-long-key-without-any-space-${'x'.repeat(120)}`;
      const lock = await client.locks.acquire(key);
      await bury(client, key.slice(0, 100), 1, `reason-${'y'.repeat(200)}`);
      await using app = await serveGroup({ actions: true, values: true });
      await using view = await openPage(browser, app.dashboard, { colorScheme, viewport: { width, height: 780 } });
      const { page } = view;
      await untilText(section(page, 'locks'), key);
      await page.getByRole('button', { name: key.slice(0, 100), exact: true }).click();
      await untilText(section(page, 'queues').locator('.detail'), 'reason-y');
      await page.getByRole('button', { name: 'Look up' }).click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      expect(await page.evaluate(lowContrast)).toEqual([]);
      await lock.release();
    },
  );

  it('gives each control a name, and each table a caption and heads', async () => {
    await using app = await serveGroup({ actions: true });
    await using view = await openPage(browser, app.dashboard);
    const { page } = view;
    await untilText(page.locator('#health'), 'All members vote');
    for (const name of ['Members of the group', 'Queues']) {
      const table = page.getByRole('table', { name, exact: true });
      expect(await table.getByRole('columnheader').count()).toBeGreaterThan(3);
    }
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, input, select, a')]
        .filter((control) => control.offsetParent !== null)
        .filter((control) => {
          const labels =
            control instanceof HTMLInputElement || control instanceof HTMLSelectElement ? control.labels : null;
          return !(control.getAttribute('aria-label') ?? control.textContent?.trim()) && !labels?.length;
        })
        .map((control) => control.outerHTML),
    );
    expect(nameless).toEqual([]);
  });
});

/** Runs in the page: texts whose contrast to what lies behind them is below 4.5, as WCAG AA asks. */
function lowContrast(): string[] {
  const parse = (color: string): number[] => color.match(/[\d.]+/g)!.map(Number);
  const luminance = ([r, g, b]: number[]): number => {
    const [x, y, z] = [r!, g!, b!].map((channel) => {
      const part = channel / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x! + 0.7152 * y! + 0.0722 * z!;
  };
  const ground = (element: Element | null): number[] => {
    if (!element) return [255, 255, 255];
    const color = parse(getComputedStyle(element).backgroundColor);
    return color[3] === 0 ? ground(element.parentElement) : color;
  };
  return [...document.querySelectorAll<HTMLElement>('body *')]
    .filter(
      (element) =>
        element.offsetParent !== null &&
        [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()),
    )
    .flatMap((element) => {
      const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(ground(element))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return contrast < 4.5 ? [`${contrast.toFixed(2)} ${element.tagName} ${element.textContent?.slice(0, 30)}`] : [];
    });
}
