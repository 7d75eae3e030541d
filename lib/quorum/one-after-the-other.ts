/** All that these give, in their order; each is begun when the one before has ended. */
export async function* oneAfterTheOther<T>(begin: readonly (() => AsyncIterable<T>)[]): AsyncGenerator<T> {
  for (const next of begin) yield* next();
}
