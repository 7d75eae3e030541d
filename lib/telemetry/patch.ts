/** What is done about a call: `original` is bound to its object. */
type Around<T, K extends keyof T> = T[K] extends (...args: infer A) => infer R
  ? (original: (...args: A) => R, ...args: A) => R
  : never;

/**
 * Puts a function before a method of one object; its class and other objects of it stay as they are.
 *
 * @returns what makes the object as it was before
 */
export function patch<T extends object, K extends keyof T & string>(
  target: T,
  name: K,
  around: Around<T, K>,
): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  const original = target[name] as (...args: unknown[]) => unknown;
  const bound = (...args: unknown[]): unknown => original.apply(target, args);
  const value = (...args: unknown[]): unknown => (around as (...all: unknown[]) => unknown)(bound, ...args);
  Object.defineProperty(target, name, { value, configurable: true, enumerable: false, writable: true });
  return () => {
    if (own) Object.defineProperty(target, name, own);
    else delete target[name];
  };
}
