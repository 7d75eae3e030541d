import { InvalidOptionsError } from '../errors.js';
import { show } from '../options/checks.js';
import { compileKeyTemplate } from './key-template.js';
import { allowed } from './messages.js';

/**
 * What `@WithMajorityLock()` locks: a key, or several that are taken all or none. A string may hold placeholders for
 * arguments of the method: `seat:{0}`, `seat:{0.id}`. A function gets the arguments and returns the key or keys; it
 * must not be async.
 */
export type LockKeySource =
  | string
  | readonly string[]
  // `any`, so that a function may name the types of its parameters, and one that does not gets them all the same
  // oxlint-disable-next-line typescript/no-explicit-any
  | ((...args: any[]) => string | readonly string[]);

/** Computes the key or keys of one call. */
export type LockKey = (args: readonly unknown[]) => string | readonly string[];

/** @throws InvalidOptionsError for a placeholder that is none, or a source that is no key at all */
export function compileLockKey(source: LockKeySource): LockKey {
  if (typeof source === 'function') return (args) => source(...args);
  if (typeof source === 'string') return compileKeyTemplate(source);
  if (Array.isArray(source) && source.length > 0 && source.every((key) => typeof key === 'string')) {
    const templates = source.map((key) => compileKeyTemplate(key));
    return (args) => templates.map((template) => template(args));
  }
  throw new InvalidOptionsError('key of @WithMajorityLock()', allowed.key, show(source));
}
