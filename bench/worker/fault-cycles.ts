import type { Purpose } from '../contenders.js';
import type { Cycle } from './cycle-loop.js';
import { ledgerOf } from './ledger.js';
import type { LoadContext } from './loads.js';
import { lockCycle } from './lock-cycle.js';

const BYTES = 100;
const QUEUE = 'cycles';

/** What is repeated of each purpose while a member is hit. @param concurrency how many cycles there are at once */
export const faultCycles: {
  readonly [P in Purpose]: (context: LoadContext, concurrency: number) => Cycle | Promise<Cycle>;
} = {
  lock: lockCycle,
  store: storeCycle,
  queue: messageCycle,
};

/** Sets a key and gets it. */
function storeCycle({ store, failures }: LoadContext): Cycle {
  const value = 'v'.repeat(BYTES);
  return async (key) => {
    let during = 'set';
    try {
      await store.set(key, value);
      during = 'get';
      await store.get(key);
      return true;
    } catch (error) {
      failures.add(during, error);
      return false;
    }
  };
}

/** Puts a message and waits until the consumer of this process has it. */
async function messageCycle({ queue, failures }: LoadContext, concurrency: number): Promise<Cycle> {
  const ledger = ledgerOf(QUEUE);
  const awaited = new Map<string, () => void>();
  const consumer = await queue.consumer(QUEUE, concurrency, {
    onMessage: (body) => {
      awaited.get(body)?.();
      awaited.delete(body);
    },
    onDone: () => undefined,
    onFailure: (error) => failures.add('process', error),
  });
  consumer.start();
  return async () => {
    const body = ledger.next(BYTES);
    const came = new Promise<void>((resolve) => awaited.set(body, resolve));
    try {
      await queue.put(QUEUE, body);
    } catch (error) {
      awaited.delete(body);
      failures.add('put', error);
      return false;
    }
    await came;
    return true;
  };
}
