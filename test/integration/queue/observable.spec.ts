import { Redis } from 'ioredis';
import { catchError, EMPTY, mergeMap, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { homeOrder } from '../../../lib/quorum/home-order.js';
import { startLocalGroup, type LocalGroup, type LocalServer } from '../../../lib/testing/index.js';
import { Clients, keyMaker, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { stays } from '../../support/stays.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';
import { record } from '../../support/record.js';

expectNothingUnhandled();

const nextQueue = keyMaker('stream');

describe('a stream of deliveries while members fail', () => {
  /** The server that is home of a queue. */
  function homeOf(queue: string, client: TestClient, group: LocalGroup): LocalServer {
    const members = client.group.status().members.map(({ incarnation }, index) => ({ incarnation, index }));
    return group.members[homeOrder(queue, members)[0]!.index]!;
  }

  it('never completes: home dies, comes back empty, each member restarts in turn, a majority hangs', async () => {
    await using group = await startLocalGroup({ size: 3 });
    const own = new Clients();
    try {
      const options = { requestTimeout: 200, maxOperationTime: 500, queue: { pollInterval: 200 } };
      const { queues } = await own.connect(group.urls, options);
      const sender = await own.connect(group.urls, options);
      const queue = nextQueue();
      const seen = record(
        queues.consume<number>(queue, { concurrency: 4 }).pipe(
          mergeMap((delivery) => delivery.ack().then(() => delivery.body)),
          catchError((error: unknown) => {
            // an ack without a quorum is this stream's business, and not what is tested
            if ((error as { code?: string }).code !== 'NO_QUORUM') throw error;
            return EMPTY;
          }),
        ),
      );
      let sent = 0;
      const goesOn = async (): Promise<void> => {
        const body = ++sent;
        await eventually(async () => sender.queues.put(queue, body, { id: `m${body}` }).catch(() => false));
        await eventually(() => seen.values.includes(body), { within: 20_000 });
        expect(seen.end).toBeUndefined();
      };
      const allVote = () => eventually(() => sender.group.status().voting === 3, { within: 20_000 });
      await goesOn();
      const home = homeOf(queue, sender, group);
      await home.kill();
      await goesOn();
      await home.start();
      await allVote();
      await goesOn();
      for (const member of group.members) {
        await member.restart();
        await goesOn();
        await allVote();
      }
      group.members.slice(0, 2).forEach((member) => member.freeze());
      await eventually(() => sender.group.status().voting < 2);
      group.members.slice(0, 2).forEach((member) => member.thaw());
      await goesOn();
      seen.stop();
    } finally {
      await own.close();
    }
  });
});

const isLease = (text: string): boolean => /^\d+ L/.test(text);

/** Of each member the requests of consumers, and of who watches whether the queue is paused: not what keeps members alike. */
async function watchRequests(group: LocalGroup): Promise<{ stop(): string[][] }> {
  const monitors = group.urls.map((url) => new Redis(url));
  const texts: string[][] = group.urls.map(() => []);
  for (const [index, monitor] of [...monitors].entries()) {
    const source = await monitor.monitor();
    monitors.push(source);
    source.on('monitor', (_: string, args: string[], from: string) => {
      if (from === 'lua') return;
      const isOfConsumer = args.some((arg) => arg.includes(':queue-register') && !arg.includes('-due'));
      const text = args.at(-1)!;
      if (isOfConsumer || isLease(text)) texts[index]!.push(text);
    });
  }
  const stop = (): string[][] => {
    for (const monitor of monitors) monitor.disconnect();
    return texts;
  };
  return { stop };
}

describe('an idle consumer', () => {
  it('is woken by a put, without polling', async () => {
    await using group = await startLocalGroup({ size: 3 });
    const own = new Clients();
    try {
      const { queues } = await own.connect(group.urls, { queue: { pollInterval: 60_000 } });
      const sender = (await own.connect(group.urls)).queues;
      const queue = nextQueue();
      const times: number[] = [];
      let putAt = 0;
      const seen = record(
        queues.consume(queue).pipe(
          tap(() => times.push(performance.now() - putAt)),
          mergeMap((delivery) => delivery.ack()),
        ),
      );
      for (let count = 1; count <= 20; count++) {
        putAt = performance.now();
        await sender.put(queue, count);
        await eventually(() => seen.values.length === count, { every: 1 });
      }
      seen.stop();
      expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(50);
    } finally {
      await own.close();
    }
  });

  it('sends at most one request a second and member', async () => {
    await using group = await startLocalGroup({ size: 3 });
    const own = new Clients();
    try {
      const { queues } = await own.connect(group.urls);
      const queue = nextQueue();
      const seen = record(queues.consume(queue, { concurrency: 4 }).pipe(mergeMap((delivery) => delivery.ack())));
      await queues.put(queue, 1);
      await eventually(() => seen.values.length === 1);
      const asked = await watchRequests(group);
      const seconds = 10;
      await stays(() => seen.end === undefined, { for: seconds * 1000, every: 1000 });
      const requests = asked.stop();
      seen.stop();
      expect(requests.flat().some(isLease)).toBe(true);
      for (const texts of requests) expect(texts.length, texts.join('\n')).toBeLessThanOrEqual(seconds);
    } finally {
      await own.close();
    }
  }, 40_000);
});
