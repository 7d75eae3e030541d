import { InvalidOptionsError } from '../errors.js';
import { checkBoolean, checkKey, checkKnown, checkOneOf, checkWhole, defined, show } from '../options/checks.js';
import type { LockModuleOptions, LockOptions } from './lock-options.js';

/** Defaults of locks; the only place they stand. */
export const lockDefaults = {
  ttl: 10_000,
  waitFor: 0,
  autoExtend: true,
  mode: 'exclusive',
  maxHold: 0,
  minHold: 0,
  ttlMax: 60_000,
  fenceRetention: 86_400_000,
  pollInterval: 1000,
} as const satisfies LockModuleOptions;

export const ttlMin = 50;
const day = 86_400_000;
const keysMax = 64;

/** The module's lock options with nothing left open. */
export type ResolvedLockModuleOptions = Readonly<Required<LockModuleOptions>>;

/** One acquisition's options with nothing left open but the signal. */
export type ResolvedLockOptions = Readonly<Required<Omit<LockOptions, 'signal'>>> & { readonly signal?: AbortSignal };

const knownInCall: readonly (keyof LockOptions)[] = [
  'ttl',
  'waitFor',
  'autoExtend',
  'mode',
  'maxHold',
  'minHold',
  'signal',
];
const knownInModule = Object.keys(lockDefaults);

/** @throws InvalidOptionsError */
export function resolveLockModuleOptions(options: LockModuleOptions = {}): ResolvedLockModuleOptions {
  checkKnown('lock', options, knownInModule);
  const given = { ...lockDefaults, ...defined(options) };
  const ttlMax = checkWhole('lock.ttlMax', given.ttlMax, ttlMin, day);
  return Object.freeze({
    ...checkCommon(
      'lock.',
      { ...given, ttl: options.ttl === undefined ? Math.min(given.ttl, ttlMax) : given.ttl },
      ttlMax,
    ),
    ttlMax,
    fenceRetention: checkWhole('lock.fenceRetention', given.fenceRetention, 60_000, 30 * day),
    pollInterval: checkWhole('lock.pollInterval', given.pollInterval, 50, 2000),
  });
}

/** @throws InvalidOptionsError; the signal's reason when it is aborted already */
export function resolveLockOptions(
  module: ResolvedLockModuleOptions,
  options: LockOptions | undefined,
): ResolvedLockOptions {
  if (options === undefined) return module;
  checkKnown('options', options, knownInCall);
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidOptionsError('signal', 'an AbortSignal', show(signal));
  }
  signal?.throwIfAborted();
  const {
    ttl = module.ttl,
    waitFor = module.waitFor,
    autoExtend = module.autoExtend,
    mode = module.mode,
    maxHold = module.maxHold,
    minHold = module.minHold,
  } = options;
  const resolved = checkCommon('', { ttl, waitFor, autoExtend, mode, maxHold, minHold }, module.ttlMax);
  return signal ? { ...resolved, signal } : resolved;
}

function checkCommon(prefix: string, given: ResolvedLockOptions, ttlMax: number): ResolvedLockOptions {
  return {
    ttl: checkWhole(`${prefix}ttl`, given.ttl, ttlMin, ttlMax),
    waitFor: checkWhole(`${prefix}waitFor`, given.waitFor, 0, day),
    autoExtend: checkBoolean(`${prefix}autoExtend`, given.autoExtend),
    mode: checkOneOf(`${prefix}mode`, given.mode, ['exclusive', 'shared']),
    maxHold: checkWhole(`${prefix}maxHold`, given.maxHold, 0, 30 * day),
    minHold: checkWhole(`${prefix}minHold`, given.minHold, 0, ttlMax),
  };
}

/**
 * Keys of one acquisition: without repetitions, in an order that is the same for all clients, so that two that need
 * several locks cannot wait for each other.
 *
 * @throws InvalidOptionsError
 */
export function checkKeys(key: string | readonly string[]): readonly string[] {
  if (typeof key === 'string') return [checkKey(key)];
  if (!Array.isArray(key) || key.length === 0 || key.length > keysMax) {
    throw new InvalidOptionsError('keys', `a key or an array of 1 to ${keysMax} keys`, show(key));
  }
  return [...new Set(Array.from(key, checkKey))].sort();
}
