import { InvalidOptionsError } from '../errors.js';

/** A whole number of ms (or of `unit`) within bounds. @throws InvalidOptionsError */
export function checkWhole(option: string, value: unknown, min: number, max: number, unit = ' of ms'): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidOptionsError(option, `a whole number${unit} from ${min} to ${max}`, show(value));
  }
  return value;
}

/** @throws InvalidOptionsError */
export function checkBoolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new InvalidOptionsError(option, 'true or false', show(value));
  return value;
}

/** @throws InvalidOptionsError */
export function checkOneOf<T extends string>(option: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) {
    throw new InvalidOptionsError(option, allowed.map((word) => `'${word}'`).join(' or '), show(value));
  }
  return value as T;
}

/** Refuses options that do not exist, as a misspelt one would be ignored silently. @throws InvalidOptionsError */
export function checkKnown(what: string, options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionsError(what, 'an object', show(options));
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new InvalidOptionsError(what, `an object with ${known.join(', ')}`, `"${name}"`);
  }
}

/** Tells in an InvalidOptionsError whose option it is. */
export function nameOwner<T>(whose: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error;
    throw new InvalidOptionsError(`${error.option} of ${whose}`, error.allowed, error.given, { cause: error.cause });
  }
}

const keyMax = 512;

/** A user's key of any kind. @throws InvalidOptionsError */
export function checkKey(key: unknown): string {
  if (typeof key === 'string' && key.length <= keyMax && /^[ -~]+$/.test(key)) return key;
  // control characters have no place in a name that is logged; lone surrogates would not survive the way to Redis
  if (typeof key !== 'string' || key === '' || key.length > keyMax || /\p{Cc}/u.test(key) || !isWellFormed(key)) {
    throw new InvalidOptionsError('key', `a string of 1 to ${keyMax} characters, no control characters`, show(key));
  }
  return key;
}

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

/** What was given, without the options that were given as undefined. */
export function defined<T extends object>(options: T): Partial<T> {
  const given: Partial<T> = {};
  for (const name of Object.keys(options) as (keyof T)[]) {
    if (options[name] !== undefined) given[name] = options[name];
  }
  return given;
}

/** What a value is, for options that may hold a password. */
export function showKind(value: unknown): string {
  return typeof value === 'string' ? 'a string' : show(value);
}

/** A value as an error may show it: short, on one line, nothing from inside objects. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  return String(value);
}
