import { isObservable } from 'rxjs';
import { observeUnder } from './observe-locked.js';
import type { OpenScope } from './open-scope.js';

/**
 * Calls a method under its lock and resolves with its result once the lock is released. What the method throws is
 * rejected as it is, also when the release could not be confirmed: a lock ends by itself, an error is gone for good.
 */
export async function callLocked(open: OpenScope, method: () => unknown): Promise<unknown> {
  const scope = await open();
  if (scope === undefined) return undefined;
  let isHandedOver = false;
  try {
    // awaited inside run(), so that a result that starts its work in then(), as query builders do, has its current()
    const result = await scope.run(async () => await method());
    isHandedOver = isObservable(result);
    return isObservable(result) ? observeUnder(scope, result, open) : result;
  } finally {
    if (!isHandedOver) await scope.close();
  }
}
