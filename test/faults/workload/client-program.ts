import { connectMajorityRedis, type MajorityRedis, type MajorityRedisOptions } from '../../../lib/connect.js';
import type { Lock } from '../../../lib/lock/lock.js';
import type { LockOptions } from '../../../lib/lock/lock-options.js';
import type { GroupEvent } from '../../../lib/quorum/group-status.js';

/** What the parent may ask for. */
export type Order =
  | { readonly do: 'connect'; readonly options: MajorityRedisOptions }
  | { readonly do: 'acquire'; readonly key: string; readonly options?: LockOptions }
  /** How the lock that was acquired last stands at the moment of the answer. */
  | { readonly do: 'look' };

/** What a lock is worth to its holder. */
export interface LockView {
  readonly token: number;
  readonly isHeld: boolean;
  /** The code of the reason of `lock.signal`, once it has aborted. */
  readonly lost?: string;
}

export type Outcome = { readonly value?: LockView } | { readonly code: string };

/** What it tells unasked: an event of the group, or that something was rejected and nobody looked. */
export type Note = { readonly event: GroupEvent } | { readonly unhandled: string };

export type Message = { readonly id: number; readonly outcome: Outcome } | Note;

let redis: MajorityRedis | undefined;
let lock: Lock | undefined;

async function carryOut(order: Order): Promise<LockView | undefined> {
  switch (order.do) {
    case 'connect':
      redis = await connectMajorityRedis(order.options, { onEvent: (event) => tell({ event }) });
      return undefined;
    case 'acquire':
      lock = await redis!.locks.acquire(order.key, order.options);
      // as a holder does that wants to know: from now on the signal exists
      lock.signal.addEventListener('abort', () => {});
      return view(lock);
    case 'look':
      return view(lock!);
  }
}

function view({ token, isHeld, signal }: Lock): LockView {
  return { token, isHeld, lost: (signal.reason as { code?: string } | undefined)?.code };
}

function tell(message: Message): void {
  process.send!(message);
}

process.on('unhandledRejection', (reason) => tell({ unhandled: String(reason) }));
process.on('message', ({ id, order }: { id: number; order: Order }) => {
  carryOut(order).then(
    (value) => tell({ id, outcome: { value } }),
    (error: Error & { code?: string }) => tell({ id, outcome: { code: error.code ?? error.message } }),
  );
});
// the parent is gone: nobody else would end this process
process.on('disconnect', () => process.exit());
