import { loadLibrary } from '../library.js';
import { libraryClientVersion, libraryVersion } from './installed-version.js';
import type { Consumer, ConsumerListener, Peer, QueueConnection } from './peer.js';

const { connectMajorityRedis } = await loadLibrary();
type MajorityRedis = Awaited<ReturnType<typeof connectMajorityRedis>>;

/** The work queue of nestjs-majority-redis with its defaults. */
export const peer: Peer<QueueConnection> = {
  name: 'ours',
  versions: `${libraryVersion()}, ${libraryClientVersion()}`,
  async connect(urls) {
    return new OurQueueConnection(await connectMajorityRedis({ nodes: urls }));
  },
};

class OurQueueConnection implements QueueConnection {
  constructor(private readonly redis: MajorityRedis) {}

  put(queue: string, body: string): Promise<unknown> {
    return this.redis.queues.put(queue, body);
  }

  putAll(queue: string, bodies: readonly string[]): Promise<unknown> {
    return this.redis.queues.putAll(
      queue,
      bodies.map((body) => ({ body })),
    );
  }

  async consumer(queue: string, concurrency: number, listener: ConsumerListener): Promise<Consumer> {
    const deliveries = this.redis.queues.consume<string>(queue, { concurrency });
    // a look that takes nothing: what a queue is used for first is not what is measured
    await this.redis.queues.isPaused(queue);
    let acks = 0;
    let idle: (() => void) | undefined;
    const settled = (): void => {
      if (--acks === 0) idle?.();
    };
    let subscription: { unsubscribe(): void } | undefined;
    return {
      start: () => {
        subscription = deliveries.subscribe({
          next: (delivery) => {
            acks++;
            listener.onMessage(delivery.body);
            delivery.ack().then(listener.onDone, listener.onFailure).finally(settled);
          },
          error: listener.onFailure,
        });
      },
      stop: async () => {
        subscription?.unsubscribe();
        if (acks > 0) await new Promise<void>((resolve) => (idle = resolve));
      },
    };
  }

  close(): Promise<void> {
    return this.redis.close();
  }
}
