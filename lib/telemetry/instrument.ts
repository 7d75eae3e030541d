import type { MajorityRedis } from '../connect.js';
import { InvalidOptionsError } from '../errors.js';
import { instrumentKv } from './instrument-kv.js';
import { instrumentLocks } from './instrument-locks.js';
import { instrumentQueues } from './instrument-queues.js';
import type { Instrumentation } from './instrumentation.js';
import { createMeters } from './meters.js';
import { scopeName } from './names.js';
import { observeGroup } from './observe-group.js';
import { observeQueues } from './observe-queues.js';
import { resolveInstrumentOptions } from './resolve-telemetry-options.js';
import type { InstrumentOptions } from './telemetry-options.js';

/** Those that are instrumented now: twice would count twice. */
const instrumented = new WeakSet<MajorityRedis>();

/**
 * Measures and traces one connected group through OpenTelemetry, by wrapping methods of its services: for programs
 * without Nest. Locks and deliveries that are out when it is undone are followed to their end.
 *
 * @param redis what `connectMajorityRedis()` gave
 * @returns undoes it; safe to call twice
 * @throws InvalidOptionsError for bad options, and for a group that is instrumented already
 * @see docs/guides/telemetry.md
 */
export function instrument(redis: MajorityRedis, options?: InstrumentOptions): () => void {
  const { queues, keys, tracerProvider, meterProvider } = resolveInstrumentOptions(options);
  if (instrumented.has(redis))
    throw new InvalidOptionsError('redis', 'a group that is not instrumented', 'one that is');
  instrumented.add(redis);
  const meter = meterProvider.getMeter(scopeName);
  const instrumentation: Instrumentation = {
    group: redis.group.name,
    keys,
    tracer: tracerProvider.getTracer(scopeName),
    meters: createMeters(meter),
  };
  const undo = [
    instrumentLocks(redis.locks, instrumentation),
    instrumentKv(redis.kv, instrumentation),
    instrumentQueues(redis.queues, instrumentation),
    observeGroup(redis, instrumentation, meter),
    observeQueues(redis.queues, queues, instrumentation, meter),
  ];
  return () => {
    if (instrumented.delete(redis)) undo.forEach((one) => one());
  };
}
