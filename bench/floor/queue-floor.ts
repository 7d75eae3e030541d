import { Redis } from 'ioredis';
import { installedVersion } from '../peers/installed-version.js';
import type { Consumer, ConsumerListener, Peer, QueueConnection } from '../peers/peer.js';
import { connectClients, disconnectClients } from '../peers/redis-clients.js';
import { Gatherer } from './gatherer.js';
import { loadScript } from './load-script.js';
import { QUEUE_ACK_SCRIPT, QUEUE_PUT_SCRIPT, QUEUE_TAKE_SCRIPT } from './scripts.js';

/** Messages asked for at once, at most. */
const TAKE_MAX = 500;

/**
 * What a queue with leases costs on one Redis with nothing around it: what is put, taken and acknowledged at about the
 * same time travels as one script call. No redelivery, no retry, no priority, no majority.
 */
export const peer: Peer<QueueConnection> = {
  name: 'floor',
  versions: installedVersion('ioredis'),
  async connect([url = '']) {
    const [client, subscriber] = (await connectClients(Redis, [url, url])) as [Redis, Redis];
    return new QueueFloorConnection(client, subscriber, {
      put: await loadScript([client], QUEUE_PUT_SCRIPT),
      take: await loadScript([client], QUEUE_TAKE_SCRIPT),
      ack: await loadScript([client], QUEUE_ACK_SCRIPT),
    });
  },
};

class QueueFloorConnection implements QueueConnection {
  private readonly puts = new Map<string, Gatherer>();

  constructor(
    private readonly client: Redis,
    private readonly subscriber: Redis,
    private readonly shas: { readonly put: string; readonly take: string; readonly ack: string },
  ) {}

  put(queue: string, body: string): Promise<unknown> {
    let gatherer = this.puts.get(queue);
    if (!gatherer) this.puts.set(queue, (gatherer = new Gatherer((bodies) => this.putAll(queue, bodies))));
    return gatherer.add(body);
  }

  putAll(queue: string, bodies: readonly string[]): Promise<unknown> {
    return this.client.evalsha(this.shas.put, 4, ...keysOf(queue), ...bodies);
  }

  async consumer(queue: string, concurrency: number, listener: ConsumerListener): Promise<Consumer> {
    const acks = new Gatherer((ids) => this.client.evalsha(this.shas.ack, 4, ...keysOf(queue), ...ids));
    let isOpen = true;
    let out = 0;
    let changed: (() => void) | undefined;
    const change = (): void => {
      changed?.();
      changed = undefined;
    };
    const next = (): Promise<void> => new Promise((resolve) => (changed = resolve));
    const work = (id: string, body: string): void => {
      out++;
      listener.onMessage(body);
      const ended = (): void => {
        out--;
        change();
      };
      acks.add(id).then(listener.onDone, listener.onFailure).finally(ended);
    };
    const run = async (): Promise<void> => {
      while (isOpen) {
        const room = Math.min(TAKE_MAX, 2 * concurrency - out);
        if (room < Math.ceil(concurrency / 2)) {
          await next();
          continue;
        }
        const woken = next();
        const taken = (await this.client.evalsha(this.shas.take, 4, ...keysOf(queue), room)) as string[];
        for (let i = 0; i < taken.length; i += 2) work(taken[i]!, taken[i + 1]!);
        if (taken.length === 0) await woken;
      }
    };
    await this.subscriber.subscribe(queue);
    this.subscriber.on('message', change);
    let ended: Promise<void> | undefined;
    return {
      start: () => {
        ended = run().catch(listener.onFailure);
      },
      stop: async () => {
        isOpen = false;
        change();
        await ended;
        this.subscriber.off('message', change);
        await this.subscriber.unsubscribe(queue);
        while (out > 0) await next();
      },
    };
  }

  async close(): Promise<void> {
    disconnectClients([this.client, this.subscriber]);
  }
}

/** Bodies and leases by id, ids that are ready, the last id. */
function keysOf(queue: string): string[] {
  return ['bodies', 'ready', 'leased', 'last'].map((kind) => `${queue}:${kind}`);
}
