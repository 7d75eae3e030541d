import { context, trace } from '@opentelemetry/api';
import type { Lock } from '../lock/lock.js';
import type { LockService } from '../lock/lock.service.js';
import { systemClock } from '../runtime/clock.js';
import type { Instrumentation } from './instrumentation.js';
import { measure } from './measure.js';
import { attribute } from './names.js';
import { patch } from './patch.js';

/** Measures what takes, extends, releases and inspects locks. @returns what undoes it */
export function instrumentLocks(locks: LockService, instrumentation: Instrumentation): () => void {
  const undo = [
    patch(locks, 'acquire', (original, key, options) => {
      const mode = options?.mode === 'shared' ? 'shared' : 'exclusive';
      return measure(instrumentation, operation(instrumentation, 'acquire', key, mode), async () => {
        const lock = await original(key, options);
        follow(lock, instrumentation);
        return lock;
      });
    }),
    patch(locks, 'inspect', (original, key) =>
      measure(instrumentation, operation(instrumentation, 'inspect', key), () => original(key)),
    ),
  ];
  return () => undo.forEach((one) => one());
}

/** Measures what becomes of one lock. */
function follow(lock: Lock, instrumentation: Instrumentation): void {
  const { group, meters } = instrumentation;
  const { mode, keys } = lock;
  const heldSince = systemClock.now();
  const links = linkToActive();
  let isOver = false;
  const end = (outcome: string, heldUntil = systemClock.now()): void => {
    if (isOver) return;
    isOver = true;
    const attributes = { [attribute.group]: group, [attribute.mode]: mode, [attribute.outcome]: outcome };
    meters.lockHeld.record((heldUntil - heldSince) / 1000, attributes);
  };
  if (lock.signal.aborted) end('lost');
  else lock.signal.addEventListener('abort', () => end('lost'), { once: true });
  patch(lock, 'extend', (original, ttl) =>
    measure(instrumentation, { ...operation(instrumentation, 'extend', keys, mode), links }, () => original(ttl)),
  );
  let released: ReturnType<Lock['release']> | undefined;
  patch(lock, 'release', (original) => {
    if (released) return released;
    const heldUntil = systemClock.now();
    const release = { ...operation(instrumentation, 'release', keys, mode), links };
    released = measure(instrumentation, release, async (span) => {
      const outcome = await original();
      span.setAttribute(attribute.outcome, outcome);
      end(outcome, heldUntil);
      return outcome;
    });
    return released;
  });
}

/** Release and extension may stand in other traces than the acquisition. */
function linkToActive() {
  const acquired = trace.getSpanContext(context.active());
  return acquired && [{ context: acquired }];
}

function operation(
  { group, meters, keys }: Instrumentation,
  name: string,
  key: string | readonly string[],
  mode?: string,
) {
  return {
    name: `${name} lock`,
    duration: meters.lockOperation,
    attributes: { [attribute.group]: group, [attribute.operation]: name, ...(mode && { [attribute.mode]: mode }) },
    details: keys ? { [attribute.keys]: [key].flat() as string[] } : {},
  };
}
