import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { context, SpanKind, SpanStatusCode, trace, type SpanContext } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  connectMajorityRedis,
  LockService,
  MajorityRedisModule,
  QueueConsumer,
  QueueService,
  QuorumKvService,
  WithMajorityLock,
} from 'nestjs-majority-redis';
import type { Delivery } from 'nestjs-majority-redis';
import { instrument, MajorityRedisTelemetryModule } from 'nestjs-majority-redis/telemetry';
import { startLocalGroup, type LocalGroup } from 'nestjs-majority-redis/testing';
import { MajorityRedisTestingModule } from 'nestjs-majority-redis/testing/in-memory';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keyMaker } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { expectNothingUnhandled } from '../support/unhandled.js';
import { read } from '../support/repository.js';
import { gate } from './support/gate.js';
import { Recording } from './support/telemetry.js';

expectNothingUnhandled();

/** After a restart of a majority the group waits for the longest lease. A busy machine must not end one by itself. */
const shortLeases = { lock: { ttl: 1000, ttlMax: 1000 }, queue: { lease: 1000, leaseMax: 1000 } };
const quick = { requestTimeout: 250, maxOperationTime: 500, ...shortLeases };
const nextKey = keyMaker('secret-key');

let handle: (delivery: Delivery) => unknown = () => undefined;

@Injectable()
class Worker {
  @QueueConsumer('mails', { backoff: { type: 'fixed', delay: 10 } })
  work(delivery: Delivery): unknown {
    return handle(delivery);
  }

  @WithMajorityLock('decorated')
  async locked(): Promise<void> {}
}

let servers: LocalGroup;
let app: TestingModule;
let recording: Recording;
let locks: LockService;
let queues: QueueService;
let kv: QuorumKvService;

async function start(): Promise<void> {
  recording = new Recording();
  const { tracerProvider, meterProvider } = recording;
  app = await Test.createTestingModule({
    imports: [
      MajorityRedisTelemetryModule.forRoot({ tracerProvider, meterProvider, queues: ['jobs'] }),
      MajorityRedisModule.forRoot({ nodes: servers.urls, ...quick }),
    ],
    providers: [Worker],
  })
    .setLogger(false as never)
    .compile();
  app.useLogger(false);
  await app.init();
  locks = app.get(LockService);
  queues = app.get(QueueService);
  kv = app.get(QuorumKvService);
}

beforeAll(async () => {
  servers = await startLocalGroup({ size: 3 });
});
afterAll(() => servers.stop());

/** What links point to, or spans are. */
const idsOf = ({ traceId, spanId }: SpanContext): string => `${traceId} ${spanId}`;

async function spanOf(name: string, isIt: (span: ReadableSpan) => boolean = () => true): Promise<ReadableSpan> {
  return eventually(() => recording.spansOf(name).find(isIt));
}

describe('telemetry of an application', () => {
  beforeAll(start);
  afterAll(async () => {
    await app.close();
    await recording.close();
  });
  afterEach(() => {
    handle = () => undefined;
    for (const server of servers.members) server.thaw();
  });

  it('measures what is done with locks, refusals by their code, and links the release to the acquisition', async () => {
    const key = nextKey();
    const lock = await locks.acquire(key);
    expect(await locks.tryAcquire(key)).toBeNull();
    await lock.extend();
    await locks.inspect(key);
    await lock.release();
    await lock.release();
    await locks.using(nextKey(), () => undefined);
    await app.get(Worker).locked();
    const count = (labels: object) =>
      recording.sum('majority_redis.lock.operation.duration', { 'majority_redis.group': 'default', ...labels });
    expect(await count({ 'majority_redis.operation': 'acquire' })).toBe(4);
    expect(await count({ 'error.type': 'LOCK_UNAVAILABLE' })).toBe(1);
    expect(await count({ 'majority_redis.operation': 'extend' })).toBe(1);
    expect(await count({ 'majority_redis.operation': 'inspect' })).toBe(1);
    expect(await count({ 'majority_redis.operation': 'release' })).toBe(3);
    expect(await recording.sum('majority_redis.lock.held.duration', { 'majority_redis.outcome': 'released' })).toBe(3);
    const said = { 'majority_redis.said': 'held', 'error.type': 'LOCK_UNAVAILABLE' };
    expect(await recording.sum('majority_redis.failure.votes', said)).toBeGreaterThanOrEqual(2);

    const [acquired, refused] = recording.spansOf('acquire lock');
    expect(acquired).toMatchObject({ kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET } });
    expect(refused!.attributes['error.type']).toBe('LOCK_UNAVAILABLE');
    expect(refused!.status.code).toBe(SpanStatusCode.UNSET);
    const [release] = recording.spansOf('release lock');
    expect(release!.links.map((link) => idsOf(link.context))).toEqual([idsOf(acquired!.spanContext())]);
  });

  it('measures each operation of the key-value store under the names of the database conventions', async () => {
    const key = nextKey();
    await kv.set(key, 1);
    await kv.increment(key);
    await kv.get(key);
    await kv.delete(key);
    await expect(kv.set(key, 1, { guard: { token: -1 } })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    const count = (operation: string, more: object = {}) =>
      recording.sum('db.client.operation.duration', {
        'db.system.name': 'nestjs_majority_redis',
        'db.namespace': 'default',
        'db.operation.name': operation,
        ...more,
      });
    expect([await count('set'), await count('increment'), await count('get'), await count('delete')]).toEqual([
      2, 1, 1, 1,
    ]);
    expect(await count('set', { 'error.type': 'INVALID_OPTIONS' })).toBe(1);
    const failed = await spanOf('set default', ({ attributes }) => attributes['error.type'] !== undefined);
    expect(failed.status.code).toBe(SpanStatusCode.ERROR);
  });

  it('links what a consumer does to the put, and its span is active while the handler runs', async () => {
    const active: (string | undefined)[] = [];
    handle = async ({ body }) => {
      await kv.get('inside');
      active.push(`${body as string} ${idsOf(trace.getSpanContext(context.active())!)}`);
    };
    const tracer = recording.tracerProvider.getTracer('test');
    const parent = tracer.startSpan('request');
    const { id } = await context.with(trace.setSpan(context.active(), parent), () => queues.put('mails', 'hello'));
    parent.end();
    const put = await spanOf('put mails', ({ attributes }) => attributes['messaging.message.id'] === id);
    const process = await spanOf('process mails', ({ attributes }) => attributes['messaging.message.id'] === id);
    expect(put).toMatchObject({ kind: SpanKind.PRODUCER, parentSpanContext: { spanId: parent.spanContext().spanId } });
    expect(process.kind).toBe(SpanKind.CONSUMER);
    expect(process.links.map((link) => idsOf(link.context))).toEqual([idsOf(put.spanContext())]);
    expect(process.parentSpanContext).toBeUndefined();
    expect(process.attributes).toMatchObject({
      'messaging.system': 'nestjs_majority_redis',
      'messaging.destination.name': 'mails',
      'messaging.operation.type': 'process',
      'majority_redis.outcome': 'ack',
    });
    expect(active).toEqual([`hello ${idsOf(process.spanContext())}`]);
    const inProcess = ({ parentSpanContext }: ReadableSpan) =>
      parentSpanContext?.spanId === process.spanContext().spanId;
    await spanOf('get default', inProcess);
    await spanOf('ack mails', inProcess);
  });

  it('tells failed attempts from done ones', async () => {
    handle = ({ attempt }) => {
      if (attempt === 1) throw new TypeError('secret-body');
    };
    const { id } = await queues.put('mails', 1, { id: nextKey() });
    const ofMessage = ({ attributes }: ReadableSpan) => attributes['messaging.message.id'] === id;
    await eventually(() => recording.spansOf('process mails').filter(ofMessage).length === 2);
    const [failed, done] = recording.spansOf('process mails').filter(ofMessage);
    expect(failed!.status.code).toBe(SpanStatusCode.ERROR);
    expect(failed!.attributes).toMatchObject({ 'error.type': 'TypeError', 'majority_redis.outcome': 'nack' });
    expect(done!.attributes).toMatchObject({ 'majority_redis.message.attempt': 2, 'majority_redis.outcome': 'ack' });
    // an id of the caller's stands for the message in both spans, as its record is the same with each put
    expect([failed!.links, done!.links]).toEqual([[], []]);
    expect(recording.spansOf('put mails').filter(ofMessage)).toHaveLength(1);
    const failures = { 'error.type': 'TypeError', 'messaging.destination.name': 'mails' };
    expect(await recording.sum('messaging.process.duration', failures)).toBe(1);
  });

  it('counts messages that are sent and received, with putAll() and get()', async () => {
    const own = { 'messaging.destination.name': 'batch' };
    await queues.putAll('batch', [{ body: 1 }, { body: 2 }, { body: 3 }]);
    await expect(queues.put('batch', 1, { delay: -1 })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    const deliveries = await queues.get('batch', { count: 3, waitFor: 1000 });
    expect(deliveries.map(({ body }) => body)).toEqual([1, 2, 3]);
    await deliveries[0]!.ack();
    await deliveries[0]!.ack();
    await deliveries[1]!.reject('no good');
    await expect(deliveries[1]!.ack()).rejects.toMatchObject({ reason: 'settled' });
    await deliveries[2]!.extend();
    await deliveries[2]!.giveBack();
    expect(await recording.sum('messaging.client.sent.messages', own)).toBe(3);
    expect(await recording.sum('messaging.client.consumed.messages', own)).toBe(3);
    expect(await recording.sum('messaging.process.duration', own)).toBe(3);
    const operations = recording.spans.map(({ name }) => name).filter((name) => name.endsWith(' batch'));
    expect(operations.toSorted()).toEqual(
      ['putAll', 'put', 'get', 'process', 'process', 'process', 'ack', 'reject', 'extend', 'giveBack']
        .map((name) => `${name} batch`)
        .toSorted(),
    );
    const [putAll] = recording.spansOf('putAll batch');
    for (const { links } of [...recording.spansOf('process batch'), ...recording.spansOf('get batch')]) {
      expect(new Set(links.map((link) => idsOf(link.context)))).toEqual(new Set([idsOf(putAll!.spanContext())]));
    }
  });

  it('asks for depth and age of the named queues when it is collected', async () => {
    await queues.put('jobs', 1);
    await queues.put('jobs', 2, { delay: 60_000 });
    const jobs = { 'messaging.destination.name': 'jobs' };
    const messages = (state: string) =>
      recording.sum('majority_redis.queue.messages', { ...jobs, 'majority_redis.state': state });
    await eventually(async () => (await messages('ready')) === 1 && (await messages('delayed')) === 1);
    await eventually(async () => (await recording.sum('majority_redis.queue.head.age', jobs)) > 0);
    expect(await recording.sum('majority_redis.queue.messages', { 'messaging.destination.name': 'mails' })).toBe(0);
  });

  it('counts locks and leases that are lost, and ends the span of the delivery', async () => {
    const { passed, open } = gate();
    let isHandling = false;
    handle = () => ((isHandling = true), passed);
    await queues.put('mails', 1);
    await eventually(() => isHandling);
    const lock = await locks.acquire(nextKey());
    for (const server of servers.members) server.freeze();
    await eventually(() => !lock.isHeld && lock.signal.aborted);
    const lost = await spanOf('process mails', ({ attributes }) => attributes['majority_redis.outcome'] === 'lost');
    expect(lost.attributes['error.type']).toBe('LEASE_LOST');
    const reason = { 'majority_redis.reason': 'validity-passed' };
    expect(await recording.sum('majority_redis.lock.lost', reason)).toBe(1);
    expect(await recording.sum('majority_redis.lock.held.duration', { 'majority_redis.outcome': 'lost' })).toBe(1);
    expect(await recording.sum('majority_redis.queue.lease.lost', reason)).toBe(1);
    await expect(kv.get('anything')).rejects.toMatchObject({ code: 'NO_QUORUM' });
    expect(await recording.sum('majority_redis.failure.votes', { 'error.type': 'NO_QUORUM' })).toBeGreaterThan(0);
    // how it was while there was a quorum says nothing now
    const jobs = { 'messaging.destination.name': 'jobs' };
    const ofJobs = () =>
      Promise.all(['messages', 'head.age'].map((name) => recording.sum(`majority_redis.queue.${name}`, jobs)));
    expect(await ofJobs()).toEqual([NaN, NaN]);
    for (const server of servers.members) server.thaw();
    await eventually(async () => (await ofJobs()).every((value) => value > 0));
    open();
    await eventually(() => kv.get('anything').then(() => true));
    expect(await lock.release()).toBe('expired');
  });

  it('shows members by state, and counts those that come back', async () => {
    const members = (state: string) => recording.sum('majority_redis.members', { 'majority_redis.state': state });
    await eventually(async () => (await members('voting')) === 3);
    const ofMember = { 'majority_redis.member': 'redis-3' };
    const rejoins = () => recording.sum('majority_redis.member.rejoins', ofMember);
    // its first admission may have come late
    const before = await rejoins();
    const roundTrip = () => recording.sum('majority_redis.member.round_trip', ofMember);
    expect(await roundTrip()).toBeGreaterThan(0);
    await servers.members[2]!.kill();
    await eventually(async () => (await members('down')) === 1);
    // what it took while it answered says nothing now
    expect(await roundTrip()).toBeNaN();
    expect(await members('voting')).toBe(2);
    expect(await recording.sum('majority_redis.member.voting', { 'majority_redis.member': 'redis-3' })).toBe(0);
    const votes = (outcome: string) =>
      recording.sum('majority_redis.member.votes', { ...ofMember, 'majority_redis.outcome': outcome });
    const [answered, missing] = [await votes('answered'), await votes('missing')];
    expect(answered).toBeGreaterThan(0);
    await kv.get('anything');
    expect(await votes('answered')).toBe(answered);
    expect(await votes('missing')).toBeGreaterThan(missing);
    await servers.members[2]!.start();
    await eventually(async () => (await members('voting')) === 3);
    expect(await rejoins()).toBe(before + 1);
    expect(await recording.sum('majority_redis.member.rejoin.duration', ofMember)).toBe(before + 1);
    expect(await recording.sum('majority_redis.quorum')).toBe(2);
  });

  // the tests before it made one of each
  it('tells no key and no body, in metrics or spans', async () => {
    const spans = recording.spans.map(({ name, attributes, events, status, links }) => ({
      name,
      // an id of the caller's is an id
      attributes: { ...attributes, 'messaging.message.id': '' },
      events,
      status,
      links: links.length,
    }));
    const texts = JSON.stringify(spans) + (await recording.scrape());
    expect(texts).not.toMatch(/secret-|decorated|hello/);
  });

  it('has a dashboard whose queries name only metrics and labels that there are', async () => {
    const scraped = await recording.scrape();
    const labels = new Set([...scraped.matchAll(/[{,](\w+)="/g)].map(([, label]) => label!));
    const names = new Set([...scraped.matchAll(/^([a-z]\w+)[{ ]/gm)].map(([, name]) => name!));
    const dashboard = read('docs/telemetry/grafana.json');
    const alerts = [...read('docs/guides/telemetry.md').matchAll(/^ +expr: (.*)$/gm)].map(([, query]) => query!);
    const shown = [...dashboard.matchAll(/"(?:expr|query)": ("(?:[^"\\]|\\.)*")/g)].map(
      ([, text]) => JSON.parse(text!) as string,
    );
    const queries = [...shown, ...alerts];
    const used = queries.flatMap((query) => query.match(/\b(?:majority_redis|messaging|db)_\w+(?=\{|\[)/g) ?? []);
    expect(queries.length).toBeGreaterThan(12);
    expect(new Set(used.filter((name) => !names.has(name)))).toEqual(new Set());
    const usedLabels = queries.flatMap((query) =>
      [...query.matchAll(/[{,] ?(\w+)(?:=|!=|=~)"/g)].map(([, label]) => label!),
    );
    const grouped = queries.flatMap((query) =>
      [...query.matchAll(/by ?\(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/, ?/)),
    );
    expect([...usedLabels, ...grouped].filter((label) => !labels.has(label) && label !== 'le')).toEqual([]);
  });

  it('names all its metrics in the guide, and none that there is not', async () => {
    const scraped = await recording.scrape();
    const all = new Set((await recording.metricNames()).filter((name) => scraped.includes(name.replaceAll('.', '_'))));
    const guide = new Set(
      [...read('docs/guides/telemetry.md').matchAll(/^\| `((?:majority_redis|messaging|db)\.[\w.]+)` /gm)].map(
        ([, name]) => name!,
      ),
    );
    expect([...all].filter((name) => !guide.has(name))).toEqual([]);
    // nothing may have happened to the group
    guide.delete('majority_redis.group.events');
    expect([...guide].filter((name) => !all.has(name))).toEqual([]);
  });
});

describe('telemetry that ends', () => {
  it('leaves services as they were when the application has closed', async () => {
    await start();
    const wrapped = [locks, queues, kv].map((service) => Object.getOwnPropertyNames(service).length);
    await app.close();
    const left = [locks, queues, kv].map((service) => Object.getOwnPropertyNames(service).length);
    expect(wrapped.map((count, index) => count - left[index]!)).toEqual([2, 4, 11]);
    for (const service of [locks, queues, kv]) {
      const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(service) as object);
      expect(methods.filter((name) => Object.hasOwn(service, name))).toEqual([]);
    }
    await recording.close();
  });

  it('measures a group without Nest from instrument() until that is undone', async () => {
    recording = new Recording();
    const { tracerProvider, meterProvider } = recording;
    const redis = await connectMajorityRedis({ nodes: servers.urls, ...quick });
    const undo = instrument(redis, { tracerProvider, meterProvider, keys: true });
    expect(() => instrument(redis)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
    await redis.kv.getMany(['a', 'b']);
    const lock = await redis.locks.acquire('c');
    undo();
    undo();
    await redis.kv.getMany(['a', 'b']);
    // what was out is followed to its end
    await lock.release();
    expect(recording.spans.map(({ name, attributes }) => [name, attributes['majority_redis.keys']])).toEqual([
      ['getMany default', ['a', 'b']],
      ['acquire lock', ['c']],
      ['release lock', ['c']],
    ]);
    expect(await recording.sum('majority_redis.members')).toBe(0);
    instrument(redis, { tracerProvider, meterProvider })();
    await redis.close();
    await recording.close();
  });
});

describe('options of telemetry', () => {
  const start = async (options: object) => {
    const app = await Test.createTestingModule({
      imports: [MajorityRedisTelemetryModule.forRoot(options), MajorityRedisTestingModule.forRoot({ name: 'one' })],
    })
      .setLogger(false as never)
      .compile();
    try {
      await app.init();
    } finally {
      await app.close();
    }
  };

  it.each([
    [{ queue: ['a'] }],
    [{ queues: 'a' }],
    [{ queues: [''] }],
    [{ queues: [{ queue: 'a' }] }],
    [{ queues: [null] }],
    [{ queues: [{ name: 'a', group: '' }] }],
    [{ groups: [] }],
    [{ groups: ['other'] }],
    [{ queues: ['of the default group, which is not there'] }],
    [{ keys: 1 }],
    [{ tracerProvider: {} }],
    [{ meterProvider: 'global' }],
  ])('are refused when they mean nothing: %j', async (options) => {
    await expect(start(options)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  it('may name groups, and queues of them', async () => {
    await start({ groups: ['one'], queues: [{ name: 'a', group: 'one' }] });
  });

  it('may come from a factory', async () => {
    const app = await Test.createTestingModule({
      imports: [
        MajorityRedisTelemetryModule.forRootAsync({ useFactory: () => ({ queues: [] }) }),
        MajorityRedisTestingModule.forRoot({}),
      ],
    }).compile();
    await app.init();
    expect(Object.hasOwn(app.get(LockService), 'acquire')).toBe(true);
    await app.close();
  });
});
