import { metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api';
import { InvalidOptionsError } from '../errors.js';
import { defaultGroup } from '../nest/tokens.js';
import { checkBoolean, checkKnown, show } from '../options/checks.js';
import { checkQueueName } from '../queue/resolve-queue-options.js';
import type { InstrumentOptions, MajorityRedisTelemetryOptions, TelemetryQueue } from './telemetry-options.js';

/** `InstrumentOptions` with nothing left open. */
export interface ResolvedInstrumentOptions {
  readonly queues: readonly string[];
  readonly keys: boolean;
  readonly tracerProvider: TracerProvider;
  readonly meterProvider: MeterProvider;
}

/** The module's options, as far as they can be checked without knowing the groups. */
export interface ResolvedTelemetryOptions {
  /** Undefined: all. */
  readonly groups: readonly string[] | undefined;
  /** Names of queues by group. */
  readonly queues: ReadonlyMap<string, readonly string[]>;
  readonly instrument: Omit<InstrumentOptions, 'queues'>;
}

/** @throws InvalidOptionsError */
export function resolveInstrumentOptions(options: InstrumentOptions = {}): ResolvedInstrumentOptions {
  checkKnown('options of instrument()', options, ['queues', 'keys', 'tracerProvider', 'meterProvider']);
  const { queues = [], keys = false, tracerProvider, meterProvider } = options;
  checkProvider('tracerProvider', tracerProvider, 'getTracer');
  checkProvider('meterProvider', meterProvider, 'getMeter');
  return Object.freeze({
    queues: [...new Set(checkArray('queues', queues).map(checkQueueName))],
    keys: checkBoolean('keys', keys),
    tracerProvider: tracerProvider ?? trace.getTracerProvider(),
    meterProvider: meterProvider ?? metrics.getMeterProvider(),
  });
}

/** @throws InvalidOptionsError */
export function resolveTelemetryOptions(options: MajorityRedisTelemetryOptions = {}): ResolvedTelemetryOptions {
  checkKnown('options of telemetry', options, ['groups', 'queues', 'keys', 'tracerProvider', 'meterProvider']);
  const { groups, queues = [], ...instrument } = options;
  if (groups !== undefined && !(Array.isArray(groups) && groups.length > 0 && groups.every(isName))) {
    throw new InvalidOptionsError('groups', 'an array of at least one name of a group', show(groups));
  }
  resolveInstrumentOptions(instrument);
  const byGroup = new Map<string, string[]>();
  for (const queue of checkArray('queues', queues)) {
    const { name, group = defaultGroup } = named(queue);
    if (!isName(group)) throw new InvalidOptionsError('group of queues', 'the name of a group', show(group));
    byGroup.set(group, [...(byGroup.get(group) ?? []), checkQueueName(name)]);
  }
  return Object.freeze({ groups: groups && [...new Set<string>(groups)], queues: byGroup, instrument });
}

function named(queue: unknown): TelemetryQueue {
  if (typeof queue === 'string') return { name: queue };
  checkKnown('queues', queue ?? null, ['name', 'group']);
  return queue as TelemetryQueue;
}

function checkArray(option: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new InvalidOptionsError(option, 'an array of names of queues', show(value));
  return value;
}

function checkProvider(option: string, provider: unknown, method: string): void {
  if (provider === undefined) return;
  if (typeof provider === 'object' && provider !== null && method in provider) return;
  throw new InvalidOptionsError(option, `an object with ${method}()`, show(provider));
}

function isName(name: unknown): boolean {
  return typeof name === 'string' && name !== '';
}
