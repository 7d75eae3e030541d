import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { slotOf } from '../../lib/member/key-slot.js';
import { partitionOf, partitionPrefix } from '../../lib/quorum/partition-space.js';
import { Clients, keyMaker, type TestClient } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { masterOf, moveSlot, startLocalCluster, type LocalCluster } from '../support/local-cluster.js';
import { seededRandom, testSeed } from '../support/seed.js';
import { expectNothingUnhandled } from '../support/unhandled.js';
import { checkDeliveries, countDeeds } from './checker/check-deliveries.js';
import { checkExclusion } from './checker/check-exclusion.js';
import { checkLinearizability } from './checker/check-linearizability.js';
import { History } from './history/history.js';
import { QueueHistory, readHistory } from './history/queue-history.js';
import { brisk } from './site/site-client.js';
import { Contenders } from './workload/contenders.js';
import { FencedResource } from './workload/fenced-resource.js';
import { KvWorkers } from './workload/kv-workers.js';
import { startConsumer } from './workload/queue-consumer.js';
import { startProducer } from './workload/queue-producer.js';

expectNothingUnhandled();
const nextPrefix = keyMaker('prefix');
const partitions = 6;
const [lock, queue] = ['seat', 'orders'];
const registers = ['red', 'green', 'blue'];
const counters = ['stock'];

let clusters: LocalCluster[];
beforeAll(async () => {
  clusters = await Promise.all([3, 3, 3].map(startLocalCluster));
}, 60_000);
afterAll(async () => {
  for (const cluster of clusters) await cluster[Symbol.asyncDispose]();
});

async function connect(keyPrefix: string): Promise<TestClient> {
  const clients = new Clients();
  onTestFinished(() => clients.close());
  const nodes = clusters.map(({ startupNodes }) => ({ cluster: startupNodes }));
  const client = await clients.connect(nodes, { ...brisk, keyPrefix, partitions });
  await seesAllVoting(client);
  return client;
}

async function seesAllVoting(client: TestClient): Promise<void> {
  await eventually(() => client.group.status().voting === clusters.length, { within: 30_000 });
}

/** Locks, values and messages of two clients, all checked in the end. */
class Load {
  private readonly history = new History();
  private readonly contenders: Contenders;
  private readonly workers: readonly KvWorkers[];
  private readonly files: readonly string[];
  private readonly stopProducers: readonly (() => Promise<void>)[];
  private readonly stopConsumers: readonly (() => Promise<void>)[];

  constructor(
    private readonly clients: readonly TestClient[],
    folder: string,
    random: () => number,
  ) {
    const locks = clients.map((client) => client.locks);
    this.contenders = new Contenders(lock, locks, 6, new FencedResource(), this.history, random);
    const work = { workers: 3, registers, counters };
    this.workers = clients.map(({ kv }, index) => new KvWorkers(kv, { ...work, name: `client-${index}-` }, random));
    this.files = clients.map((_, index) => join(folder, `client-${index}`));
    const works = this.files.map((file, index) => {
      return { name: `client-${index}`, queue, random, history: new QueueHistory(file) };
    });
    this.stopProducers = clients.map(({ queues }, index) => startProducer(queues, works[index]!));
    this.stopConsumers = clients.map(({ queues }, index) => startConsumer(queues, works[index]!));
  }

  /** What was done so far: to see that it goes on. */
  get entered(): number {
    return this.history.count('enter');
  }

  /** Ends it, lets all messages be done, and demands that nothing was promised wrongly. */
  async end(): Promise<void> {
    await this.contenders.stop();
    const operations = (await Promise.all(this.workers.map((worker) => worker.stop()))).flat();
    await Promise.all(this.stopProducers.map((stop) => stop()));
    const [{ queues }] = this.clients as [TestClient];
    await eventually(
      async () => {
        await queues.redrive(queue);
        return expect(await queues.size(queue)).toMatchObject({ ready: 0, delayed: 0, leased: 0, dead: 0 });
      },
      { within: 30_000, every: 200 },
    );
    await Promise.all(this.stopConsumers.map((stop) => stop()));
    const deeds = readHistory(this.files);
    const done = operations.filter(({ outcome }) => outcome.kind === 'ok').length;
    const { stored, acked } = countDeeds(deeds);
    console.log(`${this.entered} locks, ${done} of ${operations.length} values, ${stored} messages, ${acked} acks`);
    expect(checkExclusion(this.history.deeds)).toEqual([]);
    expect(checkLinearizability(operations)).toEqual({ kind: 'linearizable' });
    expect(checkDeliveries(deeds)).toEqual([]);
    // nothing could have gone wrong if nothing had been done
    for (const count of [this.entered, done, acked]) expect(count).toBeGreaterThan(50);
  }
}

async function startLoad(keyPrefix: string): Promise<{ load: Load; clients: TestClient[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'majority-redis-history-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const clients = [await connect(keyPrefix), await connect(keyPrefix)];
  return { load: new Load(clients, folder, seededRandom(testSeed())), clients };
}

describe('three members that are Redis Clusters of three masters, under locks, values and messages', () => {
  it('go on while one of them is lost as a whole, and bring it back empty', { timeout: 120_000 }, async () => {
    const { load, clients } = await startLoad(nextPrefix());
    await eventually(() => load.entered > 20);
    const { masters } = clusters[0]!;
    await Promise.all(masters.map((master) => master.kill()));
    await eventually(() => clients.every(({ group }) => group.status().members[0]!.state === 'down'));
    const before = load.entered;
    await eventually(() => load.entered > before + 20);
    expect(clients[0]!.group.status()).toMatchObject({ voting: 2, hasQuorum: true });
    await Promise.all(masters.map((master) => master.start()));
    await Promise.all(clients.map(seesAllVoting));
    await load.end();
  });

  it('promise nothing wrongly while slots move from master to master (S30)', { timeout: 120_000 }, async () => {
    const keyPrefix = nextPrefix();
    const { load, clients } = await startLoad(keyPrefix);
    const used = new Set([lock, queue, ...registers, ...counters].map((name) => partitionOf(name, partitions)));
    expect(used.size).toBeGreaterThan(2);
    // of two members in turn, and of the first once more, to its third master
    for (const member of [1, 2, 1]) {
      const { masters } = clusters[member]!;
      const before = clients.map(({ events }) => events.length);
      for (const index of used) {
        const slot = slotOf(partitionPrefix(keyPrefix, index, partitions));
        const source = await masterOf(slot, clusters[member]!);
        const target = masters[(masters.indexOf(source) + 1) % masters.length]!;
        await moveSlot(slot, source, target, masters);
      }
      const isBack = (partition: number): boolean =>
        clients.some(({ events }, client) =>
          events
            .slice(before[client])
            .some((event) => event.type === 'rejoin' && event.phase === 'done' && event.partition === partition),
        );
      await eventually(() => [...used].every(isBack), { within: 30_000 });
      await Promise.all(clients.map(seesAllVoting));
    }
    await load.end();
  });
});
