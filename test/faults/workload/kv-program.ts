import { connectMajorityRedis, type MajorityRedisOptions } from '../../../lib/connect.js';
import { seededRandom } from '../../support/random.js';
import type { KvOperation } from '../checker/check-linearizability.js';
import { KvWorkers, type KvWork } from './kv-workers.js';

/** What the parent sends once. */
export interface KvOrder extends KvWork {
  readonly options: MajorityRedisOptions;
  readonly seed: number;
  /** ms that this process' clock is wrong. */
  readonly clockOffset: number;
}

/** `ready` when it is connected; `history` after it was asked to stop. */
export type KvMessage =
  { readonly ready: true } | { readonly history: readonly KvOperation[]; readonly unhandled: readonly string[] };

const unhandled: string[] = [];

function tell(message: KvMessage): void {
  process.send!(message);
}

process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
// the parent is gone: nobody else would end this process
process.on('disconnect', () => process.exit());
process.once('message', (order: KvOrder) => {
  void (async () => {
    const rightNow = Date.now.bind(Date);
    Date.now = () => rightNow() + order.clockOffset;
    const redis = await connectMajorityRedis(order.options);
    tell({ ready: true });
    const workers = new KvWorkers(redis.kv, order, seededRandom(order.seed));
    process.once('message', () => {
      void workers.stop().then(async (history) => {
        tell({ history, unhandled });
        await redis.close();
      });
    });
  })();
});
