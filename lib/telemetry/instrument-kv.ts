import type { QuorumKvService } from '../kv/quorum-kv.service.js';
import type { Instrumentation } from './instrumentation.js';
import { measure } from './measure.js';
import { attribute, systemName } from './names.js';
import { patch } from './patch.js';

/** All that ask the members once. `watch()` and `keys()` last as long as somebody listens. */
const methods = [
  'get',
  'getEntry',
  'getMany',
  'exists',
  'ttl',
  'set',
  'delete',
  'compareAndSet',
  'update',
  'increment',
  'touch',
] as const;

type Method = (key: string | readonly string[], ...rest: unknown[]) => Promise<unknown>;

/** Measures the operations of a key-value store. @returns what undoes it */
export function instrumentKv(kv: QuorumKvService, instrumentation: Instrumentation): () => void {
  const store = kv as unknown as Record<(typeof methods)[number], Method>;
  const undo = methods.map((name) =>
    patch(store, name, (original, key, ...rest) =>
      measure(instrumentation, operation(instrumentation, name, key), () => original(key, ...rest)),
    ),
  );
  return () => undo.forEach((one) => one());
}

function operation({ group, meters, keys }: Instrumentation, name: string, key: string | readonly string[]) {
  return {
    name: `${name} ${group}`,
    duration: meters.kvOperation,
    attributes: { [attribute.dbSystem]: systemName, [attribute.dbNamespace]: group, [attribute.dbOperation]: name },
    details: keys ? { [attribute.keys]: [key].flat() as string[] } : {},
  };
}
