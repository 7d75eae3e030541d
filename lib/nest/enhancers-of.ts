import type { QueueEnhancer } from './queue-consumer-options.js';

/** Under which Nest's `@UseGuards()`, `@UseInterceptors()` and `@UseFilters()` write what they were given. */
const metadataKeys: Record<QueueEnhancer, string> = {
  guards: '__guards__',
  interceptors: '__interceptors__',
  filters: '__exceptionFilters__',
};

/** The kinds of enhancers that a method is decorated with. */
export function enhancersOf(prototype: object, name: string): QueueEnhancer[] {
  const method = (prototype as Record<string, object>)[name]!;
  return (Object.keys(metadataKeys) as QueueEnhancer[]).filter((kind) =>
    Reflect.hasMetadata(metadataKeys[kind], method),
  );
}
