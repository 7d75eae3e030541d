import { bufferCount, concatMap, mergeMap, Subject, take, takeUntil, tap } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery } from '../../../lib/queue/queue.js';
import { Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { stays } from '../../support/stays.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';
import { inMemoryGroup, serverGroup, type TestGroup } from '../../support/groups.js';
import { record } from '../../support/record.js';

expectNothingUnhandled();

const nextQueue = keyMaker('stream');
const numbers = (count: number) => Array.from({ length: count }, (_, body) => ({ body }));

describe.each([serverGroup(3), inMemoryGroup])('a stream of deliveries on $on', ({ open }) => {
  const clients = new Clients();
  let group: TestGroup;
  let consumer: TestClient['queues'];
  let putter: TestClient['queues'];

  beforeAll(async () => {
    group = await open();
    const options = { queue: { backoff: { type: 'fixed', delay: 20 }, pollInterval: 200 } } as const;
    consumer = (await clients.connect(group.nodes, options)).queues;
    putter = (await clients.connect(group.nodes, options)).queues;
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  const sizeOf = (queue: string) => putter.size(queue);

  it('works with mergeMap: as many at a time as its concurrency, each message once', async () => {
    const queue = nextQueue();
    await putter.putAll(queue, numbers(20));
    let now = 0;
    let most = 0;
    const work = async (delivery: Delivery<number>): Promise<number> => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      await delivery.ack();
      return delivery.body;
    };
    const seen = record(consumer.consume<number>(queue, { concurrency: 4 }).pipe(mergeMap(work)));
    await eventually(() => seen.values.length === 20);
    seen.stop();
    expect(new Set(seen.values).size).toBe(20);
    expect(most).toBeLessThanOrEqual(4);
    expect(await sizeOf(queue)).toMatchObject({ done: 20, leased: 0, ready: 0 });
  });

  it('works with bufferCount: a batch is out at a time when concurrency allows for it', async () => {
    const queue = nextQueue();
    await putter.putAll(queue, numbers(20));
    const seen = record(
      consumer.consume<number>(queue, { concurrency: 5 }).pipe(
        bufferCount(5),
        concatMap(async (batch) => {
          await Promise.all(batch.map((delivery) => delivery.ack()));
          return batch.length;
        }),
      ),
    );
    await eventually(() => seen.values.length === 4);
    seen.stop();
    expect(seen.values).toEqual([5, 5, 5, 5]);
  });

  it('works with catchError inside: one that fails is tried again, and the others go on', async () => {
    const queue = nextQueue();
    await putter.putAll(queue, numbers(5));
    const work = async (delivery: Delivery<number>): Promise<void> => {
      if (delivery.body === 2 && delivery.attempt === 1) throw new Error('bad luck');
      await delivery.ack();
    };
    const seen = record(
      consumer.consume<number>(queue).pipe(
        mergeMap((delivery) =>
          work(delivery).catch(async (error: unknown) => {
            await delivery.nack({ error });
          }),
        ),
      ),
    );
    await eventually(async () => (await sizeOf(queue)).done === 5);
    seen.stop();
    expect(seen.values).toHaveLength(6);
  });

  it('leases ahead while handlers are quick, and lets others have what then waits behind a slow one', async () => {
    const queue = nextQueue();
    const slow = 200;
    await putter.putAll(queue, numbers(400));
    const held: Delivery<number>[] = [];
    const quick = consumer.consume<number>(queue).subscribe((delivery) => {
      if (delivery.body === slow) held.push(delivery);
      else void delivery.ack();
    });
    await eventually(async () => {
      const { done, leased } = await sizeOf(queue);
      return done === slow && leased === 1;
    });
    expect(held).toHaveLength(1);
    const other = record(putter.consume<number>(queue).pipe(mergeMap((delivery) => delivery.ack())));
    await eventually(async () => (await sizeOf(queue)).ready === 0);
    other.stop();
    await held[0]!.ack();
    await eventually(async () => (await sizeOf(queue)).done === 400);
    quick.unsubscribe();
  });

  it('ends by takeUntil: what is out can be settled, what was leased ahead goes back at once', async () => {
    const queue = nextQueue();
    await putter.putAll(queue, numbers(5));
    const stop = new Subject<void>();
    const seen = record(consumer.consume(queue, { concurrency: 2, prefetch: 3 }).pipe(takeUntil(stop)));
    await eventually(async () => seen.values.length === 2 && (await sizeOf(queue)).leased === 5);
    stop.next();
    expect(seen.end).toBe('complete');
    await eventually(async () => (await sizeOf(queue)).ready === 3);
    expect(await sizeOf(queue)).toMatchObject({ leased: 2 });
    await Promise.all(seen.values.map((delivery) => delivery.ack()));
    expect(await sizeOf(queue)).toMatchObject({ ready: 3, leased: 0, done: 2 });
  });

  it('ends all calls after the end in the same way: no quorum, as this application is closing', async () => {
    const own = new Clients();
    const { queues, close } = await own.connect(group.nodes);
    const [used, unused, empty] = [nextQueue(), nextQueue(), nextQueue()];
    await queues.put(used, 1);
    const stream = queues.consume(used);
    const waiting = queues.get(empty, { waitFor: 10_000 });
    const ended = expect(waiting).rejects.toMatchObject({ code: 'NO_QUORUM' });
    await close();
    await ended;
    for (const queue of [used, unused]) {
      for (const call of [() => queues.put(queue, 1), () => queues.get(queue), () => queues.size(queue)]) {
        await expect(call()).rejects.toThrow(/this application is closing/);
      }
      expect(() => queues.consume(queue)).toThrow(/this application is closing/);
    }
    expect(record(stream).end).toMatchObject({ code: 'NO_QUORUM' });
  });

  it('ends by take: the one that was taken is still held, and the rest are not', async () => {
    const queue = nextQueue();
    await putter.putAll(queue, numbers(3));
    const seen = record(consumer.consume(queue, { prefetch: 2 }).pipe(take(1)));
    await eventually(() => seen.end === 'complete');
    expect(seen.values[0]!.isHeld).toBe(true);
    await eventually(async () => (await sizeOf(queue)).ready === 2);
    await seen.values[0]!.ack();
    expect(seen.values).toHaveLength(1);
  });

  it('gives leases back when an error ends it, and another consumer gets them at once', async () => {
    const queue = nextQueue();
    await putter.putAll(queue, numbers(3));
    const held: Delivery[] = [];
    const seen = record(
      consumer.consume(queue, { concurrency: 3, lease: 60_000, drainTimeout: 100 }).pipe(
        tap((delivery) => {
          held.push(delivery);
          if (held.length === 3) throw new Error('bug');
        }),
      ),
    );
    await eventually(() => seen.end !== undefined);
    expect(seen.end).toMatchObject({ message: 'bug' });
    const again: Delivery[] = [];
    await eventually(async () => again.push(...(await putter.get(queue, { count: 3 }))) === 3);
    expect(again.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    for (const { signal, isHeld } of held) {
      expect(isHeld).toBe(false);
      expect(signal.reason).toMatchObject({ code: 'LEASE_LOST', reason: 'given-back' });
    }
    await expect(held[0]!.ack()).rejects.toMatchObject({ code: 'LEASE_LOST', reason: 'settled' });
    await Promise.all(again.map((delivery) => delivery.ack()));
  });

  it('lets what is out be settled within drainTimeout, and takes it back after', async () => {
    const queue = nextQueue();
    await putter.putAll(queue, numbers(2));
    const seen = record(consumer.consume(queue, { concurrency: 2, drainTimeout: 300 }));
    await eventually(() => seen.values.length === 2);
    const [first, second] = seen.values;
    seen.stop();
    await stays(async () => (await sizeOf(queue)).leased === 2, { for: 100 });
    await first!.ack();
    await eventually(() => second!.signal.aborted);
    await eventually(async () => {
      const { ready, done, leased } = await sizeOf(queue);
      return ready === 1 && done === 1 && leased === 0;
    });
  });

  it('is cold: each subscription is a consumer of its own', async () => {
    const queue = nextQueue();
    const stream = consumer.consume(queue).pipe(tap((delivery) => void delivery.ack()));
    await putter.put(queue, 0);
    await stays(async () => (await sizeOf(queue)).ready === 1, { for: 100 });
    const [one, two] = [record(stream), record(stream)];
    await putter.putAll(queue, numbers(50));
    await eventually(() => one.values.length + two.values.length === 51);
    one.stop();
    await putter.put(queue, 1);
    await eventually(() => one.values.length + two.values.length === 52);
    two.stop();
  });

  it('hands out nothing while the queue is paused, and goes on by itself', async () => {
    const queue = nextQueue();
    await putter.pause(queue);
    const seen = record(consumer.consume(queue).pipe(mergeMap((delivery) => delivery.ack())));
    await putter.putAll(queue, numbers(3));
    await stays(() => seen.values.length === 0, { for: 300 });
    await putter.resume(queue);
    await eventually(() => seen.values.length === 3);
    seen.stop();
  });
});
