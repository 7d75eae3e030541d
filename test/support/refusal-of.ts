import { InvalidOptionsError } from '../../lib/errors.js';

/** With what a call refuses its options. @throws Error when it takes them, or fails for another reason */
export function refusalOf(act: () => unknown): InvalidOptionsError {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error;
    throw error;
  }
  throw new Error('it was taken');
}
