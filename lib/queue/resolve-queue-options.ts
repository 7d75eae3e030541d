import { InvalidOptionsError } from '../errors.js';
import { jsonCodec } from '../kv/codec.js';
import type { KvCodec } from '../kv/kv.js';
import { checkKey, checkKnown, checkOneOf, checkWhole, defined, show } from '../options/checks.js';
import { delayMax } from './backoff.js';
import { messageIdPattern } from './message-ids.js';
import type { Backoff, BackoffFunction, PutOptions } from './queue.js';
import type {
  ConsumeOptions,
  DeadLetterPage,
  GetOptions,
  PurgeOptions,
  QueueDefaults,
  QueueModuleOptions,
} from './queue-options.js';

const day = 86_400_000;

/** Defaults of the queues; the only place they stand. */
export const queueDefaults = {
  lease: 30_000,
  maxAttempts: 5,
  backoff: { type: 'exponential', delay: 1000, max: 60_000, jitter: 0.2 } as Backoff | BackoffFunction,
  codec: jsonCodec,
  maxBodyBytes: 262_144,
  leaseMax: 60_000,
  pollInterval: 5000,
  antiEntropyInterval: 5000,
  idRetention: day,
} as const satisfies QueueModuleOptions;

/** Defaults of consumers; without `prefetch` it follows what handlers end, `lease` and `backoff` are the queue's. */
export const consumeDefaults = { concurrency: 1, drainTimeout: 5000 } as const;

/** The module's queue options with nothing left open. */
export type ResolvedQueueModuleOptions = Readonly<Required<QueueModuleOptions>>;

/** What holds for one queue. */
export type ResolvedQueueDefaults = Readonly<Required<QueueDefaults>>;

const defaultNames = ['lease', 'maxAttempts', 'backoff', 'codec'];
const leaseMin = 200;
const priorityMax = 1_000_000;

/** @throws InvalidOptionsError */
export function resolveQueueModuleOptions(options: QueueModuleOptions = {}): ResolvedQueueModuleOptions {
  checkKnown('queue', options, Object.keys(queueDefaults));
  const given = { ...queueDefaults, ...defined(options) };
  const leaseMax = checkWhole('queue.leaseMax', given.leaseMax, 1000, day);
  return Object.freeze({
    // a shorter longest lease shortens the one that nobody asked for
    ...checkDefaults('queue.', { ...given, lease: options.lease ?? Math.min(given.lease, leaseMax) }, leaseMax),
    maxBodyBytes: checkWhole('queue.maxBodyBytes', given.maxBodyBytes, 1, 16_777_216, ' of bytes'),
    leaseMax,
    pollInterval: checkWhole('queue.pollInterval', given.pollInterval, 50, 60_000),
    antiEntropyInterval: checkWhole('queue.antiEntropyInterval', given.antiEntropyInterval, 100, 3_600_000),
    idRetention: checkWhole('queue.idRetention', given.idRetention, 60_000, 30 * day),
  });
}

/** What a queue has of its own, over the module's options. @throws InvalidOptionsError */
export function resolveQueueDefaults(
  module: ResolvedQueueModuleOptions,
  own: QueueDefaults = {},
): ResolvedQueueDefaults {
  checkKnown('defaults', own, defaultNames);
  const given = { ...module, ...defined(own) };
  return Object.freeze(checkDefaults('', given, module.leaseMax));
}

function checkDefaults(prefix: string, given: Required<QueueDefaults>, leaseMax: number): Required<QueueDefaults> {
  const codec = given.codec as Partial<KvCodec> | null;
  if (typeof codec?.encode !== 'function' || typeof codec.decode !== 'function') {
    throw new InvalidOptionsError(`${prefix}codec`, 'an object with encode() and decode()', show(codec));
  }
  return {
    lease: checkWhole(`${prefix}lease`, given.lease, leaseMin, leaseMax),
    maxAttempts: checkAttempts(`${prefix}maxAttempts`, given.maxAttempts),
    backoff: checkBackoff(`${prefix}backoff`, given.backoff),
    codec: given.codec,
  };
}

/** Names of a put's options. */
export const putNames: readonly string[] = ['id', 'group', 'priority', 'delay', 'maxAttempts', 'backoff', 'trace'];

/** A put's options with nothing left open. */
export interface ResolvedPutOptions {
  readonly id: string | undefined;
  readonly group: string;
  readonly priority: number;
  readonly delay: number;
  readonly maxAttempts: number;
  /** Undefined: the consumer's rule. */
  readonly backoff: Backoff | undefined;
  /** Empty for none. */
  readonly trace: string;
}

/** @throws InvalidOptionsError */
export function resolvePutOptions(queue: ResolvedQueueDefaults, options: PutOptions = {}): ResolvedPutOptions {
  checkKnown('options', options, putNames);
  return resolveKnownPutOptions(queue, options);
}

/** Of options that have no unknown names. @throws InvalidOptionsError */
export function resolveKnownPutOptions(queue: ResolvedQueueDefaults, options: PutOptions): ResolvedPutOptions {
  const { id, group, priority = 0, delay = 0, maxAttempts, backoff, trace } = options;
  return {
    id: id === undefined ? undefined : checkCallerId(id),
    group: group === undefined ? '' : checkName('group', group),
    priority: checkWhole('priority', priority, -priorityMax, priorityMax, ''),
    delay: checkDelay(delay),
    maxAttempts: maxAttempts === undefined ? queue.maxAttempts : checkAttempts('maxAttempts', maxAttempts),
    backoff: backoff === undefined ? dataOnly(queue.backoff) : checkBackoffData('backoff', backoff),
    trace: trace === undefined ? '' : checkTrace(trace),
  };
}

function checkTrace(trace: unknown): string {
  if (typeof trace === 'string' && /^00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(trace)) return trace;
  throw new InvalidOptionsError('trace', 'a W3C traceparent of version 00', show(trace));
}

/** @throws InvalidOptionsError */
export function checkCallerId(id: unknown): string {
  const name = checkName('id', id);
  if (messageIdPattern.test(name)) {
    throw new InvalidOptionsError('id', 'an id of your own, not like 1732345678901234-AbCdEfGh', show(id));
  }
  return name;
}

/** A queue's name. @throws InvalidOptionsError */
export function checkQueueName(queue: unknown): string {
  return checkName('queue', queue);
}

function checkName(option: string, name: unknown): string {
  try {
    return checkKey(name);
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error;
    throw new InvalidOptionsError(option, error.allowed, error.given);
  }
}

/** @throws InvalidOptionsError */
export function checkDelay(delay: unknown): number {
  return checkWhole('delay', delay, 0, delayMax);
}

/** @throws InvalidOptionsError */
export function checkLease(lease: unknown, leaseMax: number): number {
  return checkWhole('lease', lease, leaseMin, leaseMax);
}

function checkAttempts(option: string, attempts: unknown): number {
  return checkWhole(option, attempts, 1, 1000, '');
}

const backoffTypes = ['fixed', 'exponential'] as const;
const backoffShape = "an object with type 'fixed' or 'exponential', and delay in ms";

/** @throws InvalidOptionsError */
export function checkBackoff(option: string, backoff: unknown): Backoff | BackoffFunction {
  if (typeof backoff === 'function') return backoff as BackoffFunction;
  return checkBackoffData(option, backoff, `${backoffShape}, or a function of the attempt`);
}

function checkBackoffData(option: string, backoff: unknown, shape = backoffShape): Backoff {
  if (typeof backoff !== 'object' || backoff === null || Array.isArray(backoff)) {
    throw new InvalidOptionsError(option, shape, show(backoff));
  }
  checkKnown(option, backoff, ['type', 'delay', 'max', 'jitter']);
  const { type, delay, max, jitter } = backoff as { type: unknown; delay: unknown; max?: unknown; jitter?: unknown };
  // the type first: one that does not exist may well go with other names of the rest
  checkOneOf(`${option}.type`, type, backoffTypes);
  const part = {
    delay: checkWhole(`${option}.delay`, delay, 0, delayMax),
    jitter: jitter === undefined ? 0 : checkPart(`${option}.jitter`, jitter),
  };
  if (type === 'fixed') {
    if (max !== undefined) throw new InvalidOptionsError(`${option}.max`, 'left out of a fixed backoff', show(max));
    return { type: 'fixed', ...part };
  }
  return {
    type: 'exponential',
    ...part,
    max: max === undefined ? undefined : checkWhole(`${option}.max`, max, 0, delayMax),
  };
}

function checkPart(option: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
    throw new InvalidOptionsError(option, 'a number from 0 to 1', show(value));
  }
  return value;
}

function dataOnly(backoff: Backoff | BackoffFunction): Backoff | undefined {
  return typeof backoff === 'function' ? undefined : backoff;
}

/** @throws InvalidOptionsError */
export function resolveGetOptions(queue: ResolvedQueueDefaults, leaseMax: number, options: GetOptions = {}) {
  checkKnown('options', options, ['count', 'lease', 'waitFor', 'signal']);
  const { count = 1, lease = queue.lease, waitFor = 0, signal } = options;
  if (signal !== undefined && !((signal as unknown) instanceof AbortSignal)) {
    throw new InvalidOptionsError('signal', 'an AbortSignal', show(signal));
  }
  signal?.throwIfAborted();
  return {
    count: checkWhole('count', count, 1, 1000, ''),
    lease: checkLease(lease, leaseMax),
    waitFor: checkWhole('waitFor', waitFor, 0, day),
    signal,
  };
}

/** @throws InvalidOptionsError */
export function resolveConsumeOptions(queue: ResolvedQueueDefaults, leaseMax: number, options: ConsumeOptions = {}) {
  checkKnown('options', options, ['concurrency', 'prefetch', 'lease', 'backoff', 'drainTimeout']);
  const concurrency = checkWhole('concurrency', options.concurrency ?? consumeDefaults.concurrency, 1, 10_000, '');
  return {
    concurrency,
    prefetch: options.prefetch === undefined ? undefined : checkWhole('prefetch', options.prefetch, 0, 10_000, ''),
    lease: checkLease(options.lease ?? queue.lease, leaseMax),
    backoff: options.backoff === undefined ? undefined : checkBackoff('backoff', options.backoff),
    drainTimeout: checkWhole('drainTimeout', options.drainTimeout ?? consumeDefaults.drainTimeout, 0, day),
  };
}

/** @throws InvalidOptionsError */
export function resolvePage(page: DeadLetterPage = {}): Required<DeadLetterPage> {
  checkKnown('page', page, ['offset', 'limit']);
  return {
    offset: checkWhole('offset', page.offset ?? 0, 0, 1_000_000_000, ''),
    limit: checkWhole('limit', page.limit ?? 100, 1, 1000, ''),
  };
}

/** @throws InvalidOptionsError */
export function resolvePurge(options: PurgeOptions = {}): readonly ('ready' | 'delayed' | 'dead')[] {
  checkKnown('options', options, ['states']);
  const { states = ['ready', 'delayed', 'dead'] } = options;
  if (!Array.isArray(states) || states.length === 0) {
    throw new InvalidOptionsError('states', "an array of 'ready', 'delayed' or 'dead'", show(states));
  }
  return states.map((state: unknown) => checkOneOf('states', state, ['ready', 'delayed', 'dead']));
}
