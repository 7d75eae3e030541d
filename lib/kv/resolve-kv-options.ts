import { InvalidOptionsError } from '../errors.js';
import { checkBoolean, checkKnown, checkWhole, defined, show } from '../options/checks.js';
import { jsonCodec } from './codec.js';
import { timeoutMax } from './register.js';
import type { KvDeleteOptions, KvModuleOptions, KvSetOptions } from './kv-options.js';

const day = 86_400_000;

/** Defaults of the key-value store; the only place they stand. */
export const kvDefaults = {
  maxValueBytes: 262_144,
  codec: jsonCodec,
  timeout: 5000,
  sweepInterval: 5000,
  fenceRetention: day,
  pollInterval: 2000,
} as const satisfies KvModuleOptions;

/** Ten years. */
const kvTtlMax = 3650 * day;

/** The module's kv options with nothing left open. */
export type ResolvedKvOptions = Readonly<Required<KvModuleOptions>>;

/** @throws InvalidOptionsError */
export function resolveKvOptions(options: KvModuleOptions = {}): ResolvedKvOptions {
  checkKnown('kv', options, Object.keys(kvDefaults));
  const given = { ...kvDefaults, ...defined(options) };
  const codec = given.codec as Partial<ResolvedKvOptions['codec']> | null;
  if (typeof codec?.encode !== 'function' || typeof codec.decode !== 'function') {
    throw new InvalidOptionsError('kv.codec', 'an object with encode() and decode()', show(codec));
  }
  return Object.freeze({
    maxValueBytes: checkWhole('kv.maxValueBytes', given.maxValueBytes, 1, 16_777_216, ' of bytes'),
    codec: given.codec,
    timeout: checkWhole('kv.timeout', given.timeout, 100, timeoutMax),
    sweepInterval: checkWhole('kv.sweepInterval', given.sweepInterval, 100, 3_600_000),
    fenceRetention: checkWhole('kv.fenceRetention', given.fenceRetention, 60_000, 30 * day),
    pollInterval: checkWhole('kv.pollInterval', given.pollInterval, 50, 60_000),
  });
}

/** @throws InvalidOptionsError */
export function checkTtl(ttl: unknown): number {
  return checkWhole('ttl', ttl, 1, kvTtlMax);
}

/** @throws InvalidOptionsError */
export function checkSetOptions(options: KvSetOptions = {}): KvSetOptions {
  checkKnown('options', options, ['ttl', 'ifAbsent', 'ifPresent', 'ifVersion', 'guard']);
  if (options.ttl !== undefined) checkTtl(options.ttl);
  for (const name of ['ifAbsent', 'ifPresent'] as const) {
    if (options[name] !== undefined) checkBoolean(name, options[name]);
  }
  if (options.ifAbsent && options.ifPresent) {
    throw new InvalidOptionsError('ifAbsent', 'false or left out beside ifPresent', 'true');
  }
  checkCommon(options);
  return options;
}

/** @throws InvalidOptionsError */
export function checkDeleteOptions(options: KvDeleteOptions = {}): KvDeleteOptions {
  checkKnown('options', options, ['ifVersion', 'guard']);
  checkCommon(options);
  return options;
}

function checkCommon({ ifVersion, guard }: KvDeleteOptions): void {
  if (ifVersion !== undefined) checkWhole('ifVersion', ifVersion, 0, Number.MAX_SAFE_INTEGER, '');
  if (guard === undefined) return;
  const token = (guard as { token?: unknown } | null)?.token;
  if (typeof token !== 'number' || !Number.isSafeInteger(token) || token < 1) {
    throw new InvalidOptionsError('guard', 'a held lock, or an object with its token', show(guard));
  }
}
