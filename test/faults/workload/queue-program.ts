import { connectMajorityRedis, type MajorityRedisOptions } from '../../../lib/connect.js';
import { seededRandom } from '../../support/random.js';
import { now } from '../history/now.js';
import { QueueHistory } from '../history/queue-history.js';
import { startConsumer } from './queue-consumer.js';
import { startHolder } from './queue-holder.js';
import { startProducer } from './queue-producer.js';

/** What the parent sends once. */
export interface QueueOrder {
  readonly role: 'producer' | 'consumer' | 'holder';
  readonly name: string;
  readonly options: MajorityRedisOptions;
  readonly queue: string;
  readonly seed: number;
  /** ms that this process' clock is wrong. */
  readonly clockOffset: number;
  /** Where it writes what it does. */
  readonly file: string;
}

/** `ready` when it is connected and at work; `done` after it was asked to stop. */
export type QueueMessage = 'ready' | 'done';

/** What a worker needs. */
export interface QueueWork {
  readonly name: string;
  readonly queue: string;
  readonly random: () => number;
  readonly history: QueueHistory;
}

const starters = { producer: startProducer, consumer: startConsumer, holder: startHolder };

// the parent is gone: nobody else would end this process
process.on('disconnect', () => process.exit());
process.once('message', (order: QueueOrder) => {
  void (async () => {
    const history = new QueueHistory(order.file);
    process.on('unhandledRejection', (reason) =>
      history.add({ kind: 'fault', what: `unhandled: ${String(reason)}`, at: now() }),
    );
    const rightNow = Date.now.bind(Date);
    Date.now = () => rightNow() + order.clockOffset;
    const redis = await connectMajorityRedis(order.options);
    const { name, queue, role } = order;
    const stop = starters[role](redis.queues, { name, queue, history, random: seededRandom(order.seed) });
    process.send!('ready' satisfies QueueMessage);
    process.once('message', () => {
      void stop()
        .then(() => redis.close())
        .then(() => process.send!('done' satisfies QueueMessage));
    });
  })();
});
