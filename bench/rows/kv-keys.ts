import { DRAIN_MS } from '../worker/come-back.js';
import { FILL_MS } from '../worker/store-load.js';
import { KEYS_CONCURRENCY, keysRow } from './keys.js';

const VALUE_BYTES = 100;

/** Whether many keys slow down a get or a set. */
export const row = keysRow({
  name: 'kv-keys',
  purpose: 'store',
  title: 'Key-value store',
  operations: ['get', 'set'],
  fill: (contender, load) => contender.run('fill', { ...load, valueBytes: VALUE_BYTES }, 2 * FILL_MS),
  measure: (contender, { operation, keys, seconds }) => {
    const load = { concurrency: KEYS_CONCURRENCY, seconds, valueBytes: VALUE_BYTES, keys };
    const kind = operation === 'get' ? ('get' as const) : ('set' as const);
    return contender.run('store', { ...load, operation: kind }, seconds * 1000 + 2 * DRAIN_MS);
  },
});
