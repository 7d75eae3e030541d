import { Queue, Worker } from 'bullmq';
import { installedVersion } from './installed-version.js';
import type { Consumer, ConsumerListener, Peer, QueueConnection } from './peer.js';

/** BullMQ on one Redis. Completed jobs are removed, as ours are; all else is its default. */
export const peer: Peer<QueueConnection> = {
  name: 'bullmq',
  versions: `${installedVersion('bullmq')}, ${installedVersion('ioredis')}`,
  async connect([url = '']) {
    const { hostname: host, port } = new URL(url);
    return new BullConnection({ host, port: Number(port) });
  },
};

interface Address {
  readonly host: string;
  readonly port: number;
}

class BullConnection implements QueueConnection {
  private readonly queues = new Map<string, Queue>();

  constructor(private readonly connection: Address) {}

  put(queue: string, body: string): Promise<unknown> {
    return this.of(queue).add('message', body);
  }

  putAll(queue: string, bodies: readonly string[]): Promise<unknown> {
    return this.of(queue).addBulk(bodies.map((data) => ({ name: 'message', data })));
  }

  async consumer(queue: string, concurrency: number, listener: ConsumerListener): Promise<Consumer> {
    const { connection } = this;
    const worker = new Worker<string>(queue, async ({ data }) => listener.onMessage(data), {
      connection,
      concurrency,
      autorun: false,
      removeOnComplete: { count: 0 },
    });
    worker.on('completed', listener.onDone);
    worker.on('failed', (_, error) => listener.onFailure(error));
    worker.on('error', listener.onFailure);
    await worker.waitUntilReady();
    return {
      start: () => void worker.run().catch(listener.onFailure),
      stop: () => worker.close(),
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
  }

  private of(name: string): Queue {
    let queue = this.queues.get(name);
    if (!queue) {
      queue = new Queue(name, { connection: this.connection });
      // a lost connection shows in the calls that fail by it
      queue.on('error', () => undefined);
      this.queues.set(name, queue);
    }
    return queue;
  }
}
