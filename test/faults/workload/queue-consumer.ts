import { setTimeout as pause } from 'node:timers/promises';
import type { Delivery } from '../../../lib/queue/queue.js';
import type { QueueService } from '../../../lib/queue/queue.service.js';
import { now } from '../history/now.js';
import { brisk } from '../site/site-client.js';
import type { QueueWork } from './queue-program.js';

/** Deliveries of the subscription that may be out at a time. */
const concurrency = 6;
/** ms that work on a message takes at most, and between two looks whether it is still held. */
const workMax = 12;
const lookEvery = 20;
const { lease } = brisk.queue;
/** What a settlement may end with when members fail or the lease was lost. */
const ordinaryCodes = new Set(['NO_QUORUM', 'LEASE_LOST']);

/** A subscription and a loop of `get()`, which settle what they get in all ways. @returns what stops them */
export function startConsumer(queues: QueueService, work: QueueWork): () => Promise<void> {
  const handlers = new Set<Promise<void>>();
  let count = 0;
  let isStopped = false;
  const take = (delivery: Delivery): void => {
    const handler = new Handler(`${work.name}.${++count}`, delivery, work)
      .run()
      .finally(() => handlers.delete(handler));
    handlers.add(handler);
  };
  const subscription = queues.consume(work.queue, { concurrency }).subscribe({
    next: take,
    error: (error) => work.history.add({ kind: 'fault', what: `consume: ${String(error)}`, at: now() }),
  });
  const getAll = async (): Promise<void> => {
    while (!isStopped) {
      const taken = await queues.get(work.queue, { count: 3, waitFor: 200 }).catch(() => []);
      taken.forEach(take);
      await pause(work.random() * 50);
    }
  };
  const got = getAll();
  return async () => {
    isStopped = true;
    subscription.unsubscribe();
    await got;
    await Promise.all(handlers);
  };
}

/** What is done with one delivery. */
class Handler {
  constructor(
    private readonly name: string,
    private readonly delivery: Delivery,
    private readonly work: QueueWork,
  ) {}

  async run(): Promise<void> {
    const { name, delivery, work } = this;
    // what is said after a moment holds for that moment: a lease that was lost does not come back
    const at = now();
    if (!delivery.isHeld) return;
    // a message with a caller's id may have been put by several: its key is the id
    const key = delivery.id.startsWith('order-') ? delivery.id : String(delivery.body);
    work.history.add({ kind: 'delivery', delivery: name, key, token: delivery.token, group: delivery.group, at });
    try {
      await this.settle(work.random());
    } catch (error) {
      const { code } = error as { code?: string };
      if (!ordinaryCodes.has(code ?? ''))
        work.history.add({ kind: 'fault', what: `settle: ${String(error)}`, at: now() });
      // after an extension without a quorum it is still held, and would be extended for as long as this process lives
      if (delivery.isHeld) await delivery.giveBack().catch(() => undefined);
    }
  }

  private async settle(choice: number): Promise<void> {
    const { delivery, work } = this;
    await this.hold(work.random() * workMax);
    if (choice < 0.08) return delivery.nack({ delay: Math.floor(work.random() * 150) });
    if (choice < 0.12) return delivery.giveBack();
    if (choice < 0.14) return this.reject();
    if (choice < 0.16) await delivery.extend(lease);
    else if (choice < 0.18) await this.hold(1.5 * lease);
    // a handler that computes for long: its leases cannot be extended
    else if (choice < 0.182) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1.3 * lease);
    return this.ack();
  }

  private async hold(ms: number): Promise<void> {
    const end = now() + ms;
    for (let left = ms; left > 0; left = end - now()) {
      await pause(Math.min(left, lookEvery));
      this.look();
    }
  }

  private look(): void {
    const at = now();
    if (this.delivery.isHeld) this.work.history.add({ kind: 'held', delivery: this.name, at });
  }

  private async ack(): Promise<void> {
    this.look();
    this.work.history.add({ kind: 'ack', delivery: this.name, at: now() });
    await this.delivery.ack();
    this.work.history.add({ kind: 'acked', delivery: this.name, at: now() });
  }

  private async reject(): Promise<void> {
    this.work.history.add({ kind: 'reject', delivery: this.name, at: now() });
    await this.delivery.reject();
  }
}
