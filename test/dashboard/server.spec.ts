import { Injectable, Module, VersioningType } from '@nestjs/common';
import type { CanActivate } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { connectMajorityRedis, InvalidOptionsError } from 'nestjs-majority-redis';
import type { GroupStatus, MajorityRedis } from 'nestjs-majority-redis';
import { MajorityRedisDashboardModule } from 'nestjs-majority-redis/dashboard';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '../../lib/dashboard/messages.js';
import type { DeadLetterView, Hello, KeyView, Listed, LockView, QueueView } from '../../lib/dashboard/wire.js';
import { platforms } from '../nest/support/platforms.js';
import { eventually } from '../support/eventually.js';
import { OperatorGuard, serve, type ServeOptions } from './support/serve.js';
import { StreamReader } from './support/stream.js';

let servers: LocalGroup;
let client: MajorityRedis;
beforeAll(async () => {
  servers = await startLocalGroup({ size: 3 });
  client = await connectMajorityRedis({ nodes: servers.urls });
});
afterAll(async () => {
  await client?.close();
  await servers?.stop();
});

const operator = { 'x-user': 'operator' };
const fromPage = { 'content-type': 'application/json', 'x-majority-dashboard': '1', 'sec-fetch-site': 'same-origin' };

const post = (url: string, body: unknown, headers: Record<string, string> = fromPage): Promise<Response> =>
  fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });

/** The files that a page links to, as a browser would resolve them. */
async function filesOf(url: string): Promise<URL[]> {
  const page = await fetch(url);
  expect(page.status).toBe(200);
  const links = [...(await page.text()).matchAll(/(?:src|href)="(\.[^"]+)"/g)];
  return links.map(([, link]) => new URL(link!, page.url));
}

const deadLettersOf = (dashboard: string, queue: string): string =>
  `${dashboard}/dead-letters?group=default&queue=${encodeURIComponent(queue)}`;

async function putDeadLetter(queue: string, body: unknown, reason: string): Promise<string> {
  const { id } = await client.queues.put(queue, body);
  const [delivery] = await eventually(async () => {
    const deliveries = await client.queues.get(queue);
    return deliveries.length > 0 && deliveries;
  });
  await delivery!.reject(reason);
  await eventually(async () => (await client.queues.size(queue)).dead > 0);
  return id;
}

describe.each(platforms)('the dashboard with $platform', ({ platform, adapter }) => {
  const open = (options: Partial<ServeOptions> = {}) => serve({ nodes: servers.urls, adapter, ...options });
  const queueOf = (name: string): string => `${name} of ${platform}`;

  it('serves one page whose files all come from the application, under a strict policy', async () => {
    await using app = await open();
    const page = await fetch(app.dashboard);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|http/);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(
      (await page.text()).match(/<script(?![^>]* src="\.\/)|<style| on\w+=|https?:(?!\/\/www\.w3\.org)/g),
    ).toBeNull();

    const files = await filesOf(app.dashboard);
    expect(files.map(({ origin }) => origin)).toEqual([app.url, app.url]);
    for (const file of files) {
      const answer = await fetch(file);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^text\/(javascript|css); charset=utf-8$/);
      expect(answer.headers.get('cache-control')).toContain('immutable');
      expect((await answer.text()).length).toBeGreaterThan(1000);
    }
  });

  it.each(['nothing.js', '..%2findex.html', '%2e%2e%2f%2e%2e%2findex.js', 'constructor'])(
    'serves no other file: %s',
    async (name) => {
      await using app = await open();
      expect((await fetch(`${app.dashboard}/assets/${name}`)).status).toBe(404);
    },
  );

  it.each([
    ['another path', { path: 'ops/redis' }, '/ops/redis', () => {}],
    ['a global prefix', {}, '/api/majority', (app) => app.setGlobalPrefix('api')],
    [
      'versions in paths',
      {},
      '/majority',
      (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' }),
    ],
  ] satisfies [string, object, string, NonNullable<ServeOptions['complete']>][])(
    'finds its files below %s',
    async (_, dashboard, path, complete) => {
      await using app = await open({ dashboard, complete });
      for (const file of await filesOf(app.url + path)) {
        expect(file.pathname.startsWith(`${path}/assets/`)).toBe(true);
        expect((await fetch(file)).status).toBe(200);
      }
    },
  );

  it.each([
    ['/majority/', () => {}],
    ['/api/majority/', (app) => app.setGlobalPrefix('api')],
    ['/majority/?group=default', (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' })],
  ] satisfies [string, NonNullable<ServeOptions['complete']>][])(
    'is served with a slash at the end, too: %s',
    async (path, complete) => {
      await using app = await open({ complete });
      const files = await filesOf(app.url + path);
      expect(files.length).toBe(2);
      for (const file of files) expect((await fetch(file)).status).toBe(200);
      // and nothing else is
      expect((await fetch(`${app.url}${path.replace(/\?.*/, '')}nothing/`)).status).toBe(404);
      expect((await fetch(`${app.url}${path.replace(/\?.*/, '')}/`)).status).toBe(404);
    },
  );

  it('streams members, locks and queues, and what happens, to each viewer', async () => {
    const lock = await client.locks.acquire(`watched by ${platform}`);
    const queue = queueOf('watched');
    await client.queues.put(queue, 1);
    await using app = await open({ dashboard: { interval: 250 } });
    using first = await StreamReader.open(`${app.dashboard}/stream`);
    using second = await StreamReader.open(`${app.dashboard}/stream?group=default`);
    for (const reader of [first, second]) {
      await eventually(() => reader.last('queues') !== undefined && reader.last('locks') !== undefined);
      expect(reader.messages[0]).toMatchObject({
        type: 'hello',
        data: { group: 'default', groups: ['default'], actions: false, values: false, interval: 250 },
      });
      const { members, quorum } = reader.last<GroupStatus>('status')!;
      expect(members.map(({ name }) => name)).toEqual(['redis-1', 'redis-2', 'redis-3']);
      expect(quorum).toBe(2);
      expect(reader.last<Listed<LockView>>('locks')!.items).toContainEqual(
        expect.objectContaining({ key: `watched by ${platform}`, token: lock.token, mode: 'exclusive' }),
      );
      const queues = reader.last<Listed<QueueView>>('queues')!.items;
      expect(queues.find(({ name }) => name === queue)).toMatchObject({ isPaused: false, size: { ready: 1, done: 0 } });
    }
    await lock.release();
    const isGone = (): boolean =>
      !first.last<Listed<LockView>>('locks')!.items.some(({ key }) => key.includes(platform));
    await eventually(isGone);
    const history = (await (
      await fetch(`${app.dashboard}/history?group=default&queue=${encodeURIComponent(queue)}`)
    ).json()) as [];
    expect(history.length).toBeGreaterThan(0);
  });

  it('tells all viewers at once when a member dies, and asks nobody when there is no viewer', async () => {
    await using group = await startLocalGroup({ size: 3 });
    await using app = await serve({ nodes: group.urls, adapter, dashboard: { interval: 60_000 } });
    using reader = await StreamReader.open(`${app.dashboard}/stream`);
    await eventually(() => reader.last<GroupStatus>('status')?.voting === 3);
    await group.members[1]!.kill();
    await eventually(() => reader.last<GroupStatus>('status')?.members[1]!.state === 'down');
    expect(reader.last<{ text: string }>('event')!.text).toMatch(/^member down: redis-2 \(/);
    // who comes later is told what happened before
    using late = await StreamReader.open(`${app.dashboard}/stream`);
    await eventually(() =>
      late.last<Hello>('hello')?.events.some(({ text }) => text.startsWith('member down: redis-2')),
    );
  });

  it('streams to each viewer the locks and queues that begin as that one wants', async () => {
    const [a, b] = [`${platform} a`, `${platform} b`];
    await using locks = await client.locks.acquire([a, b]);
    for (const queue of [a, b]) await client.queues.put(queue, 1);
    await using app = await open({ dashboard: { interval: 250 } });
    const stream = `${app.dashboard}/stream`;
    using one = await StreamReader.open(`${stream}?locks=${encodeURIComponent(a)}&queues=${encodeURIComponent(b)}`);
    using other = await StreamReader.open(`${stream}?locks=nobody&queues=nobody`);
    const items = (reader: StreamReader, type: string) => reader.last<Listed<{ key?: string; name?: string }>>(type);
    await eventually(
      () => items(one, 'locks') && items(one, 'queues') && items(other, 'locks') && items(other, 'queues'),
    );
    expect(items(one, 'locks')!.items.map(({ key }) => key)).toEqual([a]);
    expect(items(one, 'queues')).toMatchObject({ items: [{ name: b }], hasMore: false, total: 1 });
    expect([items(other, 'locks')!.items, items(other, 'queues')!.items]).toEqual([[], []]);
    // what no lock can be called is told, and the rest goes on
    using wrong = await StreamReader.open(`${stream}?locks=a%0Ab&queues=${encodeURIComponent(a)}`);
    await eventually(() => (items(wrong, 'locks')?.error ?? '').includes('key must be'));
    await eventually(() => items(wrong, 'queues')?.items.length === 1);
    expect(locks.isHeld).toBe(true);
  });

  it('finds the key that is called exactly so among more than are shown', async () => {
    const prefix = `exact:${platform}`;
    await client.kv.set(prefix, 1);
    for (let at = 0; at < 150; at += 25) {
      await Promise.all(Array.from({ length: 25 }, (_, i) => client.kv.set(`${prefix}:${at + i}`, i)));
    }
    await using app = await open();
    const answer = await fetch(`${app.dashboard}/keys?group=default&prefix=${encodeURIComponent(prefix)}`);
    const { items, hasMore } = (await answer.json()) as Listed<KeyView>;
    expect([items.length, hasMore, items[0]!.key]).toEqual([100, true, prefix]);
  });

  it('gives dead letters page by page, the oldest first', async () => {
    const queue = queueOf('pages');
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push(await putDeadLetter(queue, i, 'mailbox full'));
    await client.queues.putAll(
      queue,
      Array.from({ length: 50 }, () => ({ body: 1 })),
    );
    await eventually(async () => {
      for (const delivery of await client.queues.get(queue, { count: 50 })) await delivery.reject('later');
      return (await client.queues.size(queue)).dead === 53;
    });
    await using app = await open();
    const page = async (offset: string): Promise<Listed<DeadLetterView>> =>
      (await (await fetch(`${deadLettersOf(app.dashboard, queue)}&offset=${offset}`)).json()) as Listed<DeadLetterView>;
    const first = await page('0');
    expect([first.items.length, first.hasMore]).toEqual([50, true]);
    expect(first.items.slice(0, 3).map(({ id }) => id)).toEqual(ids);
    const second = await page('50');
    expect([second.items.length, second.hasMore]).toEqual([3, false]);
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(53);
    expect((await page('100')).items).toEqual([]);
    for (const offset of ['-1', 'x', '1.5']) {
      expect((await fetch(`${deadLettersOf(app.dashboard, queue)}&offset=${offset}`)).status).toBe(400);
    }
  });

  it('names the first readers of a lock that very many share, and says how many there are', async () => {
    const key = `shared by many on ${platform}`;
    const locks = await Promise.all(Array.from({ length: 25 }, () => client.locks.acquire(key, { mode: 'shared' })));
    await using app = await open({ dashboard: { interval: 250 } });
    using reader = await StreamReader.open(`${app.dashboard}/stream?locks=${encodeURIComponent(key)}`);
    const [lock] = await eventually(() => {
      const items = reader.last<Listed<LockView>>('locks')?.items;
      return items?.length === 1 && items;
    });
    expect(lock).toMatchObject({ mode: 'shared', holderCount: 25 });
    expect(lock!.holders.length).toBe(10);
    await Promise.all(locks.map((one) => one.release()));
  });

  it('answers 404 for a group that there is not', async () => {
    await using app = await open();
    for (const view of ['stream', 'keys', 'history', 'dead-letters']) {
      expect((await fetch(`${app.dashboard}/${view}?group=nobody&queue=q`)).status).toBe(404);
    }
  });

  it('ends its streams when the application closes, so that it closes at once', async () => {
    let reader: StreamReader;
    let closedAt: number;
    {
      await using app = await open();
      reader = await StreamReader.open(`${app.dashboard}/stream`);
      await eventually(() => reader.messages.length > 0);
      closedAt = performance.now();
    }
    expect(performance.now() - closedAt).toBeLessThan(3000);
    await reader.ended;
  });

  it('shows keys with versions and ends, and values only when they may be shown', async () => {
    const prefix = `shown:${platform}:`;
    const { version } = await client.kv.set(`${prefix}a`, { secret: 'x'.repeat(5000) });
    await client.kv.set(`${prefix}b`, Buffer.from('äb'), { ttl: 60_000 });
    const find = async (url: string): Promise<Listed<KeyView>> =>
      (await (await fetch(`${url}/keys?group=default&prefix=${prefix}`)).json()) as Listed<KeyView>;
    await using closed = await open();
    const { items, hasMore } = await find(closed.dashboard);
    expect(hasMore).toBe(false);
    expect(items).toEqual([
      { key: `${prefix}a`, version, expiresAt: null },
      { key: `${prefix}b`, version: expect.any(Number), expiresAt: expect.any(Number) },
    ]);
    await using shown = await open({ dashboard: { values: true } });
    const [a, b] = (await find(shown.dashboard)).items;
    expect(a!.value).toEqual({ text: `{"secret":"${'x'.repeat(1989)}`, isCut: true });
    expect(b!.value).toEqual({ text: '3 bytes c3 a4 62', isCut: false });
  });

  it('answers 400 for a prefix that no key can have', async () => {
    await using app = await open();
    const answer = await fetch(`${app.dashboard}/keys?group=default&prefix=a%0Ab`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining('key must be') });
  });

  it('answers 503 without a quorum, and goes on when it is back', async () => {
    await using group = await startLocalGroup({ size: 3 });
    await using app = await serve({ nodes: group.urls, adapter, dashboard: { interval: 250 } });
    using reader = await StreamReader.open(`${app.dashboard}/stream`);
    for (const index of [0, 1]) group.members[index]!.freeze();
    await eventually(() => reader.last<GroupStatus>('status')?.hasQuorum === false);
    const answer = await fetch(`${app.dashboard}/keys?group=default&prefix=`);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    await eventually(() => (reader.last<Listed<LockView>>('locks')?.error ?? '').startsWith('No quorum'));
    for (const index of [0, 1]) group.members[index]!.thaw();
    await eventually(() => reader.last<Listed<LockView>>('locks')?.error === undefined);
  });

  describe('actions', () => {
    const every = [
      ['pause', { queue: 'q' }],
      ['resume', { queue: 'q' }],
      ['redrive', { queue: 'q' }],
      ['remove', { queue: 'q', id: 'x' }],
      ['delete-key', { key: 'k', version: '1' }],
    ] as const;

    it.each(every)('are refused by a dashboard that is read-only: %s', async (name, body) => {
      await using app = await open();
      const answer = await post(`${app.dashboard}/actions/${name}`, { group: 'default', ...body });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ message: messages.readOnly });
    });

    it.each([
      ['without the header', { 'content-type': 'application/json' }],
      ['with a form', { 'content-type': 'application/x-www-form-urlencoded' }],
      ['from another site', { ...fromPage, 'sec-fetch-site': 'cross-site' }],
      ['from another host of the site', { ...fromPage, 'sec-fetch-site': 'same-site' }],
      ['from another origin, by a browser that tells no more', withoutSite({ origin: 'https://evil.example' })],
      ['from no origin', withoutSite({ origin: 'null' })],
    ] as [string, Record<string, string>][])(
      'are refused %s, also when the application allows CORS',
      async (_, headers) => {
        const enableCors: ServeOptions['complete'] = (app) => app.enableCors({ origin: true, credentials: true });
        await using app = await open({ dashboard: { actions: true }, complete: enableCors });
        const queue = queueOf('untouched');
        const answer = await post(`${app.dashboard}/actions/pause`, { group: 'default', queue }, headers);
        expect(answer.status).toBe(403);
        expect(await answer.json()).toMatchObject({ message: messages.crossSite });
        expect(await client.queues.isPaused(queue)).toBe(false);
      },
    );

    it.each([
      ['nothing', undefined],
      ['a list', []],
      ['no queue', { group: 'default' }],
      ['a number as queue', { group: 'default', queue: 7 }],
      ['an empty queue', { group: 'default', queue: '' }],
    ])('are refused with a body that is %s', async (_, body) => {
      await using app = await open({ dashboard: { actions: true } });
      expect((await post(`${app.dashboard}/actions/pause`, body)).status).toBe(400);
    });

    it('pause and resume a queue, redrive and remove its dead letters', async () => {
      await using app = await open({ dashboard: { actions: true } });
      const queue = queueOf('acted on');
      const act = async (name: string, body: object = {}): Promise<unknown> => {
        const answer = await post(`${app.dashboard}/actions/${name}`, { group: 'default', queue, ...body });
        return [answer.status, await answer.json()];
      };
      const id = await putDeadLetter(queue, { secret: 1 }, 'mailbox full');
      const letters = await (await fetch(deadLettersOf(app.dashboard, queue))).json();
      expect(letters).toEqual({
        items: [{ id, attempts: 1, reason: 'mailbox full', diedAt: expect.any(Number) }],
        hasMore: false,
      });
      expect(await act('pause')).toEqual([200, { count: 1 }]);
      expect(await client.queues.isPaused(queue)).toBe(true);
      expect(await act('resume')).toEqual([200, { count: 1 }]);
      expect(await client.queues.isPaused(queue)).toBe(false);
      expect(await act('redrive', { id })).toEqual([200, { count: 1 }]);
      expect(await client.queues.state(queue, id)).toBe('ready');
      const [delivery] = await eventually(async () => {
        const deliveries = await client.queues.get(queue);
        return deliveries.length > 0 && deliveries;
      });
      await delivery!.reject('again');
      await eventually(async () => (await client.queues.state(queue, id)) === 'dead');
      expect(await act('remove', { id })).toEqual([200, { count: 1 }]);
      expect(await act('remove', { id })).toEqual([200, { count: 0 }]);
      expect(await act('redrive')).toEqual([200, { count: 0 }]);
    });

    it('delete a key only at the version that was looked at', async () => {
      await using app = await open({ dashboard: { actions: true } });
      const key = `deleted by ${platform}`;
      const { version } = await client.kv.set(key, 1);
      const remove = async (of: number): Promise<unknown> =>
        (await post(`${app.dashboard}/actions/delete-key`, { group: 'default', key, version: String(of) })).json();
      const { version: later } = await client.kv.set(key, 2);
      expect(await remove(version)).toEqual({ count: 0 });
      expect(await client.kv.get(key)).toBe(2);
      expect(await remove(later)).toEqual({ count: 1 });
      expect(await client.kv.get(key)).toBeNull();
    });
  });

  describe('a guard', () => {
    it('keeps strangers from the page, its files, the stream, all data and all actions', async () => {
      await using app = await open({ dashboard: { actions: true, guard: OperatorGuard } });
      const [file] = (await fetch(app.dashboard, { headers: operator }).then((page) => page.text())).match(
        /assets\/[^"]+/,
      )!;
      for (const path of [
        '',
        '/',
        `/${file}`,
        '/stream',
        '/keys?group=default',
        '/history?group=default&queue=q',
        '/dead-letters?group=default&queue=q',
      ]) {
        expect([path, (await fetch(app.dashboard + path)).status]).toEqual([path, 403]);
      }
      const pause = { group: 'default', queue: queueOf('guarded') };
      expect((await post(`${app.dashboard}/actions/pause`, pause)).status).toBe(403);
      expect(await client.queues.isPaused(pause.queue)).toBe(false);

      expect((await fetch(`${app.dashboard}/${file}`, { headers: operator })).status).toBe(200);
      using reader = await StreamReader.open(`${app.dashboard}/stream`, operator);
      await eventually(() => reader.messages.length > 0);
      expect((await post(`${app.dashboard}/actions/pause`, pause, { ...fromPage, ...operator })).status).toBe(200);
    });

    it('gets what it needs from the modules that are given', async () => {
      @Injectable()
      class Staff {
        readonly names = ['operator'];
      }
      @Module({ providers: [Staff], exports: [Staff] })
      class StaffModule {}
      @Injectable()
      class StaffGuard implements CanActivate {
        constructor(private readonly staff: Staff) {}
        canActivate(context: Parameters<CanActivate['canActivate']>[0]): boolean {
          return this.staff.names.includes(
            context.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers['x-user']!,
          );
        }
      }
      await using app = await open({ dashboard: { guard: StaffGuard, imports: [StaffModule] } });
      expect((await fetch(app.dashboard)).status).toBe(403);
      expect((await fetch(app.dashboard, { headers: operator })).status).toBe(200);
    });
  });
});

describe('routers that are set otherwise', () => {
  const ignoreTrailingSlash = true;
  it.each([
    [
      'Fastify that does not tell slashes apart',
      { adapter: () => new FastifyAdapter({ routerOptions: { ignoreTrailingSlash } }) },
    ],
    [
      'Express that tells slashes apart',
      { complete: (app) => (app as NestExpressApplication).set('strict routing', true) },
    ],
  ] satisfies [string, Partial<ServeOptions>][])('serve the page with a slash and without: %s', async (_, options) => {
    await using app = await serve({ nodes: servers.urls, ...options });
    for (const url of [app.dashboard, `${app.dashboard}/`]) {
      for (const file of await filesOf(url)) expect((await fetch(file)).status).toBe(200);
    }
  });
});

function withoutSite(headers: Record<string, string>): Record<string, string> {
  return { 'content-type': 'application/json', 'x-majority-dashboard': '1', ...headers };
}

describe('outside development', () => {
  /** What was logged by the dashboard. */
  function recorder() {
    const lines: string[] = [];
    const note = (level: string) => (message: unknown, context?: unknown) => {
      if (context === 'MajorityRedisDashboard') lines.push(`${level}: ${String(message)}`);
    };
    const logger = {
      log: note('log'),
      warn: note('warn'),
      error: note('error'),
      debug: note('debug'),
      verbose: note('verbose'),
    };
    return { lines, logger };
  }

  async function inEnvironment<T>(nodeEnv: string | undefined, work: () => Promise<T>): Promise<T> {
    const before = process.env['NODE_ENV'];
    if (nodeEnv === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = nodeEnv;
    try {
      return await work();
    } finally {
      process.env['NODE_ENV'] = before;
    }
  }

  it.each(['production', 'staging'])('is not served without a guard, and says so once (%s)', async (nodeEnv) => {
    const { lines, logger } = recorder();
    await using app = await inEnvironment(nodeEnv, () => serve({ nodes: servers.urls, logger }));
    expect((await fetch(app.dashboard)).status).toBe(404);
    expect((await fetch(`${app.dashboard}/stream`)).status).toBe(404);
    expect(lines).toEqual([`warn: ${messages.notMounted}`]);
  });

  it.each([
    [
      'with a guard',
      'production',
      { guard: OperatorGuard, actions: true },
      403,
      ['log: ' + messages.mounted('majority', 'with actions')],
    ],
    ['when told to', 'production', { enabled: true }, 200, ['log: ' + messages.mounted('majority', 'read-only')]],
    [
      'in development',
      'development',
      { values: true },
      200,
      ['log: ' + messages.mounted('majority', 'read-only, with values')],
    ],
    ['where nothing is said', undefined, {}, 200, ['log: ' + messages.mounted('majority', 'read-only')]],
  ])('is served %s', async (_, nodeEnv, dashboard, status, expected) => {
    const { lines, logger } = recorder();
    await using app = await inEnvironment(nodeEnv, () => serve({ nodes: servers.urls, dashboard, logger }));
    expect((await fetch(app.dashboard)).status).toBe(status);
    expect(lines).toEqual(expected);
  });

  it('is not served when told so, without a word', async () => {
    const { lines, logger } = recorder();
    await using app = await serve({ nodes: servers.urls, dashboard: { enabled: false }, logger });
    expect((await fetch(app.dashboard)).status).toBe(404);
    expect(lines).toEqual([]);
  });
});

describe('the options of the dashboard', () => {
  it.each([
    ['a path with a query', { path: '/a?b' }, 'path must be'],
    ['an empty path', { path: '' }, 'path must be'],
    ['a path with a parameter', { path: '/a/:b' }, 'path must be'],
    ['an interval that is too short', { interval: 10 }, 'interval must be'],
    ['actions in words', { actions: 'yes' as unknown as boolean }, 'actions must be'],
    ['no group', { groups: [] }, 'groups must be'],
    ['a group that there is not', { groups: ['ledger'] }, 'groups must be'],
    ['a misspelt option', { action: true } as object, 'options of the dashboard must be'],
  ])('are refused at the start: %s', async (_, dashboard, message) => {
    const error: unknown = await serve({ nodes: servers.urls, dashboard }).then(
      (app) => app[Symbol.asyncDispose](),
      (refusal: unknown) => refusal,
    );
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as Error).message).toContain(message);
  });

  it('come from a factory, and two dashboards stand beside each other', async () => {
    const other = MajorityRedisDashboardModule.forRootAsync({
      path: '/operators',
      guard: OperatorGuard,
      useFactory: async () => ({ values: true, groups: ['default'] }),
    });
    await using app = await serve({ nodes: servers.urls, imports: [other] });
    expect((await fetch(app.dashboard)).status).toBe(200);
    expect((await fetch(`${app.url}/operators`)).status).toBe(403);
    using reader = await StreamReader.open(`${app.url}/operators/stream`, operator);
    await eventually(() => reader.last<Hello>('hello')?.values === true);
  });
});
