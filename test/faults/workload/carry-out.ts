import type { QuorumKvService } from '../../../lib/kv/quorum-kv.service.js';
import type { KvAction, KvResult } from '../checker/kv-operation.js';

/** What a client can call: a value ends by itself. */
export type CalledAction = Exclude<KvAction, { kind: 'expire' }>;

/** Calls the store, and tells the result in the words of a history. */
export async function carryOut(kv: QuorumKvService, key: string, action: CalledAction): Promise<KvResult> {
  switch (action.kind) {
    case 'get': {
      const value = await kv.get<string | number>(key);
      return value === null ? null : String(value);
    }
    case 'set':
      await kv.set(key, action.value);
      return null;
    case 'cas':
      return kv.compareAndSet(key, action.expected, action.next);
    case 'increment':
      return kv.increment(key, action.by);
    case 'delete':
      return kv.delete(key);
  }
}
