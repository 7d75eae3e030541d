import type { Observable } from 'rxjs';

/** What came out of a stream, and how it ended. */
export function record<T>(stream: Observable<T>) {
  const seen = { values: [] as T[], end: undefined as unknown, subscription: undefined as never };
  const subscription = stream.subscribe({
    next: (value) => seen.values.push(value),
    error: (error: unknown) => (seen.end = error),
    complete: () => (seen.end = 'complete'),
  });
  return Object.assign(seen, { stop: () => subscription.unsubscribe() });
}
